import { expect, test } from "vitest";
import { callRows, csvOf, figureRows } from "@/screens/review/csv";
import type { Report, ReportCall } from "@/screens/review/figures";

test("cells are quoted where they must be, and no cell is a formula", () => {
  expect(
    csvOf([
      ["a", 1, null, true],
      ['say "hi", she', "x\ny", "=1+1", -5],
      ["＝1", "\r=1"],
    ]),
  ).toBe('a,1,,true\r\n"say ""hi"", she","x\ny",\'=1+1,-5\r\n\'＝1,"\'\r=1"\r\n');
});

test("figures: a line a group with samples, all of one width", () => {
  const none = { n: 0, missing: 0, value: null, met: null };
  const some = { n: 4, missing: 1, value: 0.75, met: false };
  const report = {
    from: "2026-11-22T00:00:00Z",
    to: "2026-11-23T00:00:00Z",
    indicators: [
      {
        name: "answered_10s",
        target: 0.95,
        ...some,
        priorities: [{ priority: "severe", ...some }],
        districts: [{ district: 2, ...none, priorities: [] }],
      },
    ],
    intervals: [
      {
        name: "answer",
        n: 4,
        missing: 1,
        mean_s: 8,
        p50_s: 7,
        p90_s: 12,
        p95_s: 13,
        p99_s: 14,
        priorities: [],
        districts: [],
      },
    ],
  } as unknown as Report;
  const rows = figureRows(report, (district) => `district ${district}`);
  expect(rows.slice(1)).toEqual([
    ["answered_10s", "", null, 0.95, 4, 1, 0.75, false, null, null, null, null, report.from, report.to],
    ["answer", "", null, null, 4, 1, 8, null, 7, 12, 13, 14, report.from, report.to],
    ["answered_10s", "", "severe", 0.95, 4, 1, 0.75, false, null, null, null, null, report.from, report.to],
  ]);
  expect(new Set(rows.map((row) => row.length))).toEqual(new Set([14]));
});

test("calls: times, and no place", () => {
  const call = {
    call: 7,
    form: 261122407001787,
    district: 2,
    at: { call_offered: "x" },
    point: { lon: 11, lat: 57 },
  } as unknown as ReportCall;
  const rows = callRows([call], (district) => `district ${district}`);
  expect(rows[0]).not.toContain("point");
  expect(rows[1]).toContain("district 2");
  expect(rows[1]).not.toContain(57);
  // The paper that it was entered from.
  expect(rows[1]?.[rows[0]?.indexOf("form") ?? -1]).toBe(261122407001787);
});
