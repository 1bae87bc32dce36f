// Between instants and what the clocks of a time zone show.
export const DAY_MS = 86_400_000;

/** What the clocks show at an instant, as if they showed UTC. */
export function wallClock(at_ms: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  }).formatToParts(at_ms);
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value ?? 0);
  return Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second"));
}

/** The instant at which the clocks of the time zone show this; where they show it twice, the first. */
export function instantOfWall(wall_ms: number, timeZone: string): number {
  const offsetAt = (at_ms: number) => wallClock(at_ms, timeZone) - at_ms;
  const before = wall_ms - offsetAt(wall_ms - DAY_MS);
  return wallClock(before, timeZone) === wall_ms ? before : wall_ms - offsetAt(wall_ms + DAY_MS);
}

/** Midnight of the day that it is there now. */
export function midnightBefore(now_ms: number, timeZone: string): number {
  const wall = wallClock(Math.floor(now_ms / 1000) * 1000, timeZone);
  return instantOfWall(wall - (((wall % DAY_MS) + DAY_MS) % DAY_MS), timeZone);
}
