import type { Session } from "@schema";
import { describe, expect, it } from "vitest";
import { districtLines, type Indicators, reportOf } from "@/screens/wall/report";
import { scopeOf } from "@/screens/wall/scope";

function report(districts: readonly (readonly [number, boolean])[]): Indicators {
  const one = (name: string) => ({
    name,
    unit: "share" as const,
    better: "high" as const,
    target: 0.95,
    n: 9,
    value: 0.9,
    met: false,
    districts: districts.map(([district, met]) => ({ district, n: 3, value: 0.9, met })),
  });
  return {
    from: "",
    to: "",
    district: null,
    calls: { all: 9, served: 9, shortfall: 0, no_unit: 0, lost: 0 },
    indicators: [one("answered_10s"), one("departed_3min")],
  };
}

describe("indicators by district", () => {
  it("are a line a district, without calls that have none", () => {
    const lines = districtLines(
      report([
        [0, false],
        [2, true],
        [1, false],
      ]),
      6,
    );
    expect(lines.shown.map((line) => line.district)).toEqual([1, 2]);
    expect(lines.shown.map((line) => line.missed)).toEqual([2, 0]);
    expect(lines.more).toBe(0);
  });

  it("show those that miss most where they are too many, still in their order", () => {
    const lines = districtLines(report([1, 2, 3, 4, 5].map((id) => [id, id !== 2 && id !== 5] as const)), 3);
    expect(lines.shown.map((line) => line.district)).toEqual([2, 5]);
    expect(lines.more).toBe(3);
  });

  it("are one line alone where they were asked for of one district", () => {
    const whole = report([]);
    const alone = { ...whole, district: 2, indicators: whole.indicators.map(({ districts: _, ...rest }) => rest) };
    expect(districtLines(alone, 6)).toEqual({ shown: [], more: 0 });
  });

  it("are found by name", () => {
    expect(reportOf(report([]), "departed_3min")?.target).toBe(0.95);
    expect(reportOf(report([]), "satisfaction")).toBeUndefined();
    expect(reportOf(null, "departed_3min")).toBeUndefined();
  });
});

describe("what somebody may see of them", () => {
  const grants = (...list: [string, string, number][]) =>
    ({ person: { grants: list.map(([role, scope, id]) => ({ role, scope, id })) } }) as unknown as Session;
  it("is the centre, else the own district, else nothing", () => {
    expect(scopeOf(grants(["dispatcher", "centre", 0]))).toBeNull();
    expect(scopeOf(grants(["district_health_officer", "district", 2]))).toEqual({ district: 2 });
    expect(scopeOf(grants(["duty_commander", "district", 2], ["planner", "centre", 0]))).toEqual({ district: null });
    expect(scopeOf(null)).toBeNull();
  });
});
