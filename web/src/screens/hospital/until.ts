// Until when a hospital asks to be spared.
import { DAY_MS, instantOfWall, wallClock } from "@/i18n/zone";

export type Until = "half_hour" | "hour" | "two_hours" | "time" | "unknown";
export const UNTILS: readonly Until[] = ["half_hour", "hour", "two_hours", "time", "unknown"];

const MINUTES: Partial<Record<Until, number>> = { half_hour: 30, hour: 60, two_hours: 120 };
/** The next time that the clocks show what was typed: "14:30", "1430", "7:05". Null if it is no time. */
export function nextTime(text: string, now_ms: number, timeZone: string): number | null {
  const found = /^(\d{1,2})[:.：]?(\d{2})$/.exec(text.trim());
  const [hour, minute] = [Number(found?.[1]), Number(found?.[2])];
  if (!found || hour > 23 || minute > 59) return null;
  const wall = wallClock(Math.floor(now_ms / 1000) * 1000, timeZone);
  const today = wall - (wall % DAY_MS) + (hour * 60 + minute) * 60_000;
  const at = instantOfWall(today, timeZone);
  return at > now_ms ? at : instantOfWall(today + DAY_MS, timeZone);
}

/** As the command wants it: an instant, or null for "not known". Undefined if what was typed is no time. */
export function untilOf(choice: Until, typed: string, now_ms: number, timeZone: string): string | null | undefined {
  if (choice === "unknown") return null;
  const minutes = MINUTES[choice];
  const at = minutes === undefined ? nextTime(typed, now_ms, timeZone) : now_ms + minutes * 60_000;
  return at === null ? undefined : new Date(at).toISOString();
}
