import { expect, test } from "vitest";
import { fieldOf, instantOfField, periodOf } from "@/screens/review/period";

const NOW = Date.parse("2026-11-22T08:30:00Z");
const NONE = { from: "", to: "" };

test("today and yesterday begin at midnight of the centre's clocks", () => {
  // Shanghai is eight hours ahead: 16:30 there.
  expect(periodOf("today", NOW, "Asia/Shanghai", NONE)).toEqual({
    from_ms: Date.parse("2026-11-21T16:00:00Z"),
    to_ms: NOW,
  });
  expect(periodOf("yesterday", NOW, "Asia/Shanghai", NONE)).toEqual({
    from_ms: Date.parse("2026-11-20T16:00:00Z"),
    to_ms: Date.parse("2026-11-21T16:00:00Z"),
  });
});

test("seven days over a change of the clocks begin at midnight too", () => {
  const now = Date.parse("2026-10-27T12:00:00Z");
  // Stockholm: summer time until 25 October, so midnight of the 21st is 22:00 UTC of the 20th.
  expect(periodOf("week", now, "Europe/Stockholm", NONE)?.from_ms).toBe(Date.parse("2026-10-20T22:00:00Z"));
});

test("a period of one's own", () => {
  expect(periodOf("custom", NOW, "UTC", { from: "2026-11-01T00:00", to: "2026-11-02T12:30" })).toEqual({
    from_ms: Date.parse("2026-11-01T00:00:00Z"),
    to_ms: Date.parse("2026-11-02T12:30:00Z"),
  });
  expect(periodOf("custom", NOW, "UTC", { from: "2026-11-02T00:00", to: "2026-11-01T00:00" })).toBeNull();
  expect(periodOf("custom", NOW, "UTC", { from: "", to: "2026-11-01T00:00" })).toBeNull();
});

test("a field shows the centre's clocks, and is read back", () => {
  expect(fieldOf(NOW, "Asia/Shanghai")).toBe("2026-11-22T16:30");
  expect(instantOfField("2026-11-22T16:30", "Asia/Shanghai")).toBe(NOW);
  expect(instantOfField("yesterday", "UTC")).toBeNull();
});
