import type { Incident } from "@schema";
import { describe, expect, it } from "vitest";
import { metresBetween, nearbyOf } from "@/screens/answer/near";

const NOW = Date.parse("2026-11-22T08:30:00Z");
const HERE = { lon: 12, lat: 57.7 };
const incident = (id: number, lat: number, minutesAgo: number, state = "served") =>
  ({ id, state, point: { lon: 12, lat }, offered_at: new Date(NOW - minutesAgo * 60_000).toISOString() }) as Incident;

describe("metres between two places", () => {
  // Vincenty's formula on the WGS-84 ellipsoid gives 1,114 m for the first and 596.3 m for the second.
  it("is right within half a percent", () => {
    expect(metresBetween(HERE, { lon: 12, lat: 57.71 })).toBeCloseTo(1112, -1);
    expect(Math.abs(metresBetween(HERE, { lon: 12.01, lat: 57.7 }) / 596.3 - 1)).toBeLessThan(0.005);
  });
});

describe("incidents near by", () => {
  it("come by distance, an hour of age weighing a kilometre", () => {
    const found = nearbyOf([incident(1, 57.701, 60), incident(2, 57.7045, 1), incident(3, 57.7, 2)], HERE, null, NOW);
    expect(found.map((one) => one.id)).toEqual([3, 2, 1]);
  });

  it("are likely the same only when near and new", () => {
    const found = nearbyOf([incident(1, 57.701, 5), incident(2, 57.701, 45), incident(3, 57.705, 5)], HERE, null, NOW);
    expect(found.filter((one) => one.likely).map((one) => one.id)).toEqual([1]);
  });

  it("leave out what is closed, far away, or the call's own", () => {
    const all = [incident(1, 57.7, 1, "closed"), incident(2, 57.72, 1), incident(3, 57.7, 1)];
    expect(nearbyOf(all, HERE, 3, NOW)).toEqual([]);
  });
});
