// Which calls are looked at: a period by the centre's clocks.
import { DAY_MS, instantOfWall, midnightBefore, wallClock } from "@/i18n/zone";

export const PERIODS = ["hour", "today", "yesterday", "week", "custom"] as const;
export type PeriodName = (typeof PERIODS)[number];

export interface Period {
  from_ms: number;
  to_ms: number;
}

const HOUR_MS = 3_600_000;

/** "2026-11-22T08:30", what a field of date and time holds, as the instant at which the clocks of the zone show it. */
export function instantOfField(text: string, timeZone: string): number | null {
  const wall = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/.test(text) ? Date.parse(`${text}Z`) : Number.NaN;
  return Number.isNaN(wall) ? null : instantOfWall(wall, timeZone);
}

export function fieldOf(at_ms: number, timeZone: string): string {
  return new Date(wallClock(Math.floor(at_ms / 1000) * 1000, timeZone)).toISOString().slice(0, 16);
}

/** Midnight so many days before that of today; clocks may have changed in between. */
function midnight(now_ms: number, daysBack: number, timeZone: string): number {
  const wall = wallClock(midnightBefore(now_ms, timeZone), timeZone);
  return instantOfWall(wall - daysBack * DAY_MS, timeZone);
}

export function isPeriodName(text: string | undefined): text is PeriodName {
  return (PERIODS as readonly string[]).includes(text ?? "");
}

/** Null: from and to are not what they must be. */
export function periodOf(
  name: PeriodName,
  now_ms: number,
  timeZone: string,
  custom: { from: string; to: string },
): Period | null {
  switch (name) {
    case "hour":
      return { from_ms: now_ms - HOUR_MS, to_ms: now_ms };
    case "today":
      return { from_ms: midnight(now_ms, 0, timeZone), to_ms: now_ms };
    case "yesterday":
      return { from_ms: midnight(now_ms, 1, timeZone), to_ms: midnight(now_ms, 0, timeZone) };
    case "week":
      return { from_ms: midnight(now_ms, 6, timeZone), to_ms: now_ms };
    case "custom": {
      const from_ms = instantOfField(custom.from, timeZone);
      const to_ms = instantOfField(custom.to, timeZone);
      return from_ms !== null && to_ms !== null && from_ms < to_ms ? { from_ms, to_ms } : null;
    }
  }
}
