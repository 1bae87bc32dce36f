import type { Call } from "@schema";
import { describe, expect, it } from "vitest";
import { roundOf } from "@/screens/answer/Countdown";
import { decisionOf, NOTHING_BY_HAND } from "@/screens/answer/decision";
import { minutesUntil } from "@/screens/answer/Going";

const call = (triage: object | null) => ({ id: 1, triage }) as unknown as Call;
const PROPOSED = { priority: "severe", needs: ["advanced"], units_wanted: 2, ready: true, marks: [] };

describe("what goes to the dispatcher", () => {
  it("is the centre's proposal", () => {
    expect(decisionOf(call(PROPOSED), NOTHING_BY_HAND)).toEqual({
      priority: "severe",
      needs: ["basic", "advanced"],
      units_wanted: 2,
      overridden: false,
      ready: true,
    });
  });

  it("is marked where a person decided otherwise, and only there", () => {
    expect(decisionOf(call(PROPOSED), { ...NOTHING_BY_HAND, priority: "critical" })).toMatchObject({
      priority: "critical",
      overridden: true,
    });
    expect(decisionOf(call(PROPOSED), { ...NOTHING_BY_HAND, priority: "severe" }).overridden).toBe(false);
  });

  it("can be made without protocols, and is not ready without a priority", () => {
    expect(decisionOf(call(null), NOTHING_BY_HAND)).toMatchObject({ priority: null, ready: false, units_wanted: 1 });
    const hand = { priority: "urgent", needs: ["trauma"], units: 3 } as const;
    expect(decisionOf(call(null), hand)).toEqual({
      priority: "urgent",
      needs: ["basic", "trauma"],
      units_wanted: 3,
      overridden: true,
      ready: true,
    });
  });
});

describe("clocks", () => {
  it("count rounds down and begin again", () => {
    expect(roundOf(0, 120)).toEqual({ left_s: 120, round: 1 });
    expect(roundOf(119, 120)).toEqual({ left_s: 1, round: 1 });
    expect(roundOf(120, 120)).toEqual({ left_s: 120, round: 2 });
    expect(roundOf(-3, 120)).toEqual({ left_s: 120, round: 1 });
  });

  it("tell minutes as one says them", () => {
    const now = Date.parse("2026-11-22T08:00:00Z");
    expect(minutesUntil("2026-11-22T08:05:20Z", now)).toBe(5);
    expect(minutesUntil("2026-11-22T08:00:10Z", now)).toBe(1);
    expect(minutesUntil("2026-11-22T07:59:00Z", now)).toBe(1);
  });
});
