import type { Call, Incident, ReportHours } from "@schema";
import { describe, expect, it } from "vitest";
import { DAY_MS } from "@/i18n/zone";
import { callsToday, HOUR_MS, type Hours, hoursOfDay, readFrom, usualOf, withRead } from "@/screens/wall/hours";
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

  it("are read whole once, and then as far as they may still change", () => {
    const now = MIDNIGHT + 12.5 * HOUR_MS;
    const week = MIDNIGHT - 7 * DAY_MS;
    expect(readFrom(new Map(), TODAY, now)).toBe(week);
    const items = Array.from({ length: 181 }, (_, index) => ({
      hour: new Date(week + index * HOUR_MS).toISOString(),
      calls: index,
    }));
    const whole: Hours = withRead(new Map([[week - HOUR_MS, 5]]), { items } as ReportHours, TODAY);
    expect(whole.size).toBe(181);
    expect(whole.get(MIDNIGHT)).toBe(168);
    expect((readFrom(whole, TODAY, now) - MIDNIGHT) / HOUR_MS).toBe(5);
    // The evening before is still open after midnight, and a day more is known by then.
    expect((readFrom(whole, TODAY, MIDNIGHT + 10 * 60_000) - MIDNIGHT) / HOUR_MS).toBe(-7);
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
});
