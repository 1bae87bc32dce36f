import { describe, expect, it } from "vitest";
import { instantOfWall, midnightBefore } from "@/i18n/zone";

const iso = (ms: number) => new Date(ms).toISOString();

describe("time zones", () => {
  it("tell when the day began", () => {
    expect(iso(midnightBefore(Date.parse("2026-11-22T06:05:09.5Z"), "Asia/Shanghai"))).toBe("2026-11-21T16:00:00.000Z");
    expect(iso(midnightBefore(Date.parse("2026-11-22T16:30:00Z"), "Asia/Shanghai"))).toBe("2026-11-22T16:00:00.000Z");
    expect(iso(midnightBefore(Date.parse("2026-10-25T12:00:00Z"), "Europe/Stockholm"))).toBe(
      "2026-10-24T22:00:00.000Z",
    );
    expect(iso(midnightBefore(Date.parse("2026-11-22T03:00:00Z"), "America/New_York"))).toBe(
      "2026-11-21T05:00:00.000Z",
    );
  });

  it("give the first of two instants that look the same", () => {
    const wall = Date.UTC(2026, 9, 25, 2, 30);
    expect(iso(instantOfWall(wall, "Europe/Stockholm"))).toBe("2026-10-25T00:30:00.000Z");
  });
});
