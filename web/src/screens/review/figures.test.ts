import { expect, test } from "vitest";
import {
  callsOf,
  type Figure,
  figureOfCall,
  groupOf,
  type IndicatorFigure,
  type IntervalFigure,
  type ReportCall,
  type Share,
} from "@/screens/review/figures";

const at = (seconds: number) => new Date(Date.UTC(2026, 10, 22, 8, 0, seconds)).toISOString();

function call(id: number, answered: number | null, more: Partial<ReportCall> = {}): ReportCall {
  return {
    call: id,
    form: null,
    incident: id,
    mission: null,
    unit: null,
    facility: null,
    district: 1,
    priority: "severe",
    result: "served",
    units_needed: 1,
    units_short: 0,
    dispatches: 1,
    transported: false,
    protocol: null,
    proposed: null,
    opened: "severe",
    reprioritised: false,
    at: { call_offered: at(0), call_answered: answered === null ? null : at(answered) },
    ...more,
  };
}

const share = { n: 3, missing: 0, afterwards: 0, value: 0.5, met: false };
const INTERVALS = [
  { name: "answer", from: "call_offered", to: "call_answered" },
  { name: "handover", from: "at_facility", to: "handed_over" },
] as IntervalFigure[];

function indicator(name: string, unit: "s" | "share" = "share"): Figure {
  return { kind: "indicator", figure: { ...share, name, unit, priorities: [] } as unknown as IndicatorFigure };
}

test("calls are sorted by how far they are off, and those without the time are left out", () => {
  const calls = [call(1, 5), call(2, 31), call(3, null), call(4, 12), call(5, 9)];
  const sorted = callsOf(indicator("answered_10s"), INTERVALS, calls, { district: null, priority: null });
  expect(sorted.map((one) => one.call.call)).toEqual([2, 4, 5, 1]);
  expect(sorted.map((one) => one.off_s)).toEqual([21, 2, -1, -5]);
  expect(sorted.map((one) => one.met)).toEqual([false, false, true, true]);
});

test("a group takes its own district and priority only", () => {
  const calls = [
    call(1, 5),
    call(2, 5, { district: 2 }),
    call(3, 5, { priority: "urgent" }),
    call(4, 5, { district: null }),
  ];
  const ids = (district: number | null, priority: "severe" | null) =>
    callsOf(indicator("answered_10s"), INTERVALS, calls, { district, priority }).map((one) => one.call.call);
  expect(ids(1, null)).toEqual([1, 3]);
  expect(ids(null, "severe")).toEqual([1, 2, 4]);
  expect(ids(0, null)).toEqual([4]);
});

test("an indicator of critical calls does not count others", () => {
  expect(figureOfCall(indicator("critical_mean", "s"), INTERVALS, call(1, 5))).toBeNull();
});

test("handovers are those of patients taken away", () => {
  const times = { call_offered: at(0), call_answered: at(1), at_facility: at(10), handed_over: at(1000) };
  expect(figureOfCall(indicator("handover_15min"), INTERVALS, call(1, 1, { at: times }))).toBeNull();
  expect(
    figureOfCall(indicator("handover_15min"), INTERVALS, call(1, 1, { at: times, transported: true })),
  ).toMatchObject({
    value_s: 990,
    off_s: 90,
    met: false,
  });
});

test("what has no time is judged by what happened", () => {
  const of = (name: string, more: Partial<ReportCall>) =>
    figureOfCall(indicator(name), INTERVALS, call(1, 5, more))?.met;
  expect(of("satisfaction", { units_short: 1 })).toBe(false);
  expect(of("protocol_used", { protocol: 3 })).toBe(true);
  expect(of("protocol_used", {})).toBe(false);
  expect(of("triage_deviation", { proposed: "critical" })).toBe(false);
  expect(of("triage_deviation", {})).toBeUndefined();
  expect(of("reprioritised", { reprioritised: true })).toBe(false);
});

test("a figure of a group", () => {
  const figure = {
    ...share,
    priorities: [{ ...share, priority: "urgent" as const, value: 0.1 }],
    districts: [
      { ...share, district: 2, value: 0.2, priorities: [{ ...share, priority: "urgent" as const, value: 0.3 }] },
    ],
  };
  const value = (district: number | null, priority: "urgent" | "severe" | null) =>
    groupOf<Share>(figure, { district, priority })?.value;
  expect([value(null, null), value(null, "urgent"), value(2, null), value(2, "urgent")]).toEqual([0.5, 0.1, 0.2, 0.3]);
  expect(value(9, null)).toBeUndefined();
  // Of a report that is of one district alone.
  const own = { ...share, priorities: figure.priorities };
  expect(groupOf<Share>(own, { district: 2, priority: "urgent" })?.value).toBe(0.1);
  expect(value(2, "severe")).toBeUndefined();
});
