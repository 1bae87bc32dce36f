import { describe, expect, it } from "vitest";
import { DAY_MS } from "@/i18n/zone";
import { HOUR_MS, hoursOfDay, nextHour, unsettled, usualOf } from "@/screens/wall/hours";
import { todayOf } from "@/screens/wall/useHours";

const MIDNIGHT = Date.parse("2026-11-22T00:00:00Z");
const TODAY = hoursOfDay(MIDNIGHT, MIDNIGHT + DAY_MS);

describe("hours", () => {
  it("are 24 a day, but for the nights when the clocks change", () => {
    expect(TODAY).toHaveLength(24);
    expect(todayOf(Date.parse("2026-10-25T12:00:00Z"), "Europe/Stockholm")).toHaveLength(25);
    expect(todayOf(Date.parse("2026-03-29T12:00:00Z"), "Europe/Stockholm")).toHaveLength(23);
  });

  it("are usual as the days before had them, from the first call on", () => {
    const at = MIDNIGHT + 9 * HOUR_MS;
    const hours = new Map([
      [at - DAY_MS, 6],
      [at - 2 * DAY_MS, 9],
      [at - 3 * DAY_MS, 0],
      [at - 4 * DAY_MS + HOUR_MS, 3],
      // The centre had not begun.
      [at - 5 * DAY_MS, 0],
    ]);
    expect(usualOf(hours, at)).toBe(5);
    expect(usualOf(hours, at + HOUR_MS)).toBe(3);
    expect(usualOf(new Map(), at)).toBeNull();
    expect(usualOf(new Map([[at - DAY_MS, 0]]), at)).toBeNull();
  });

  it("are asked for from today back, as far as they have been", () => {
    const now = MIDNIGHT + 1.5 * HOUR_MS;
    const hours = new Map<number, number>();
    expect(nextHour(hours, TODAY, now)).toBe(MIDNIGHT);
    hours.set(MIDNIGHT, 1);
    expect(nextHour(hours, TODAY, now)).toBe(MIDNIGHT + HOUR_MS);
    hours.set(MIDNIGHT + HOUR_MS, 1);
    expect(nextHour(hours, TODAY, now)).toBe(MIDNIGHT - DAY_MS);
    for (let at = MIDNIGHT - 7 * DAY_MS; at < MIDNIGHT; at += HOUR_MS) hours.set(at, 1);
    expect(nextHour(hours, TODAY, now)).toBeNull();
  });

  it("change while their calls are not over", () => {
    const now = MIDNIGHT + 12.5 * HOUR_MS;
    expect(unsettled(TODAY, now).map((at) => (at - MIDNIGHT) / HOUR_MS)).toEqual([6, 7, 8, 9, 10, 11, 12]);
  });
});
