// Times as they stand on paper: hour and minute, perhaps seconds, no day. Each is the first such time after the one before it.
import { DAY_MS, instantOfWall, wallClock } from "@/i18n/zone";

const HOUR_MS = 3_600_000;
/** What comes so much later is no step of one case: the time was earlier than the one before. */
const STEP_MAX_MS = 12 * HOUR_MS;

/** Milliseconds since midnight of 14:02, 14:02:33, 1402 or 140233; null: that is no time. */
export function readClock(text: string): number | null {
  const match = /^(\d\d):?(\d\d)(?::?(\d\d))?$/.exec(text.trim());
  if (!match) return null;
  const [hour, minute, second] = [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
  return hour < 24 && minute < 60 && second < 60 ? hour * HOUR_MS + minute * 60_000 + second * 1000 : null;
}

/** "1402" as it is read: "14:02"; what is no time stays as it was typed. */
export function clockLooks(text: string): string {
  const digits = text.trim().replaceAll(":", "");
  if (readClock(text) === null) return text;
  return (digits.match(/\d\d/g) ?? []).join(":");
}

/** The first instant from `from_ms` on at which the clocks of the centre show this. */
export function nextClock(from_ms: number, clock_ms: number, timeZone: string): number {
  const from = Math.ceil(from_ms / 1000) * 1000;
  const wall = wallClock(from, timeZone);
  const midnight = wall - (wall % DAY_MS);
  for (let day = 0; ; day += 1) {
    const at_ms = instantOfWall(midnight + day * DAY_MS + clock_ms, timeZone);
    if (at_ms >= from || day > 2) return at_ms;
  }
}

export type Read = { at_ms: number } | { wrong: "time" | "before" };

/** A time that follows another within one case. */
export function readAfter(text: string, from_ms: number, timeZone: string, room_ms = STEP_MAX_MS): Read {
  const clock = readClock(text);
  if (clock === null) return { wrong: "time" };
  const at_ms = nextClock(from_ms, clock, timeZone);
  return at_ms - from_ms >= room_ms ? { wrong: "before" } : { at_ms };
}
