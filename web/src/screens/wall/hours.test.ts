import type { Call, Incident } from "@schema";
import { describe, expect, it } from "vitest";
import { DAY_MS } from "@/i18n/zone";
import { callsToday, HOUR_MS, hoursOfDay, nextHour, unsettled, usualOf } from "@/screens/wall/hours";
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

  it("count who still runs, once, and not the hour that runs", () => {
    const now = MIDNIGHT + 3.5 * HOUR_MS;
    const at = (hours: number) => new Date(MIDNIGHT + hours * HOUR_MS).toISOString();
    const hours = new Map([0, 1, 3].map((hour) => [MIDNIGHT + hour * HOUR_MS, 10]));
    const incidents = [
      { state: "served", offered_at: at(1.2) },
      { state: "closed", offered_at: at(1.3) },
      { state: "queued", offered_at: at(-5) },
    ] as Incident[];
    const calls = [
      { state: "abandoned", incident: null, offered_at: at(0.5) },
      { state: "triaged", incident: 7, offered_at: at(1.2) },
    ] as Call[];
    const counts = callsToday(hours, TODAY, incidents, calls, now);
    expect(counts.slice(0, 5)).toEqual([11, 11, null, null, null]);
  });

  it("change while their calls are not over", () => {
    const now = MIDNIGHT + 12.5 * HOUR_MS;
    expect(unsettled(TODAY, now).map((at) => (at - MIDNIGHT) / HOUR_MS)).toEqual([6, 7, 8, 9, 10, 11, 12]);
  });
});
