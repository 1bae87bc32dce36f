import { expect, test } from "vitest";
import { spanOf, stepOf } from "@/screens/review/span";
import type { Step } from "@/screens/review/story";

const NOW = Date.parse("2026-11-22T08:30:00Z");
const MINUTE = 60_000;
const steps = [{ at_ms: NOW - 50 * MINUTE }, { at_ms: NOW - 20 * MINUTE }] as Step[];

test("an incident is replayed with a minute before and after; what is asked for goes before that", () => {
  expect(spanOf({}, steps, NOW)).toEqual({ from_ms: NOW - 51 * MINUTE, to_ms: NOW - 19 * MINUTE });
  expect(spanOf({}, [], NOW)).toEqual({ from_ms: NOW - 60 * MINUTE, to_ms: NOW });
  expect(spanOf({ at: String(NOW - 90 * MINUTE), length: "15" }, steps, NOW)).toEqual({
    from_ms: NOW - 90 * MINUTE,
    to_ms: NOW - 75 * MINUTE,
  });
});

test("an incident that has just ended is not replayed into the future", () => {
  expect(spanOf({}, [{ at_ms: NOW - MINUTE }, { at_ms: NOW - 1000 }] as Step[], NOW).to_ms).toBe(NOW);
});

test("steps: five seconds at least, some five hundred frames at most", () => {
  expect(stepOf({ from_ms: 0, to_ms: 15 * MINUTE })).toBe(5);
  expect(stepOf({ from_ms: 0, to_ms: 720 * MINUTE })).toBe(90);
});
