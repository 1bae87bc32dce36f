import { describe, expect, it } from "vitest";
import { nextTime, untilOf } from "@/screens/hospital/until";

const NOW = Date.parse("2026-11-22T06:05:09Z");

describe("the end of a diversion", () => {
  it("is some time from now, or not known", () => {
    expect(untilOf("half_hour", "", NOW, "UTC")).toBe("2026-11-22T06:35:09.000Z");
    expect(untilOf("two_hours", "", NOW, "UTC")).toBe("2026-11-22T08:05:09.000Z");
    expect(untilOf("unknown", "", NOW, "UTC")).toBeNull();
  });

  it("is the next time that the centre's clocks show it", () => {
    expect(untilOf("time", "14:30", NOW, "Asia/Shanghai")).toBe("2026-11-22T06:30:00.000Z");
    expect(untilOf("time", "1400", NOW, "Asia/Shanghai")).toBe("2026-11-23T06:00:00.000Z");
    expect(untilOf("time", "7：05", NOW, "Europe/Stockholm")).toBe("2026-11-23T06:05:00.000Z");
  });

  it("is nothing as long as no time was typed", () => {
    for (const text of ["", "24:00", "12:60", "noon", "12"]) expect(untilOf("time", text, NOW, "UTC")).toBeUndefined();
  });

  it("is right on the night when the clocks change", () => {
    // Stockholm leaves summer time on 25 October 2026, 03:00 becoming 02:00.
    const evening = Date.parse("2026-10-24T20:00:00Z");
    expect(new Date(nextTime("06:00", evening, "Europe/Stockholm") ?? 0).toISOString()).toBe(
      "2026-10-25T05:00:00.000Z",
    );
  });
});
