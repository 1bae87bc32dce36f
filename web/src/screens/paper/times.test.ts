import { describe, expect, it } from "vitest";
import { clockLooks, nextClock, readAfter, readClock } from "@/screens/paper/times";

const ZONE = "Asia/Shanghai";
const iso = (ms: number) => new Date(ms).toISOString();
const AT = Date.parse("2026-11-22T14:00:00+08:00");

describe("a time on paper", () => {
  it("is typed with four keys, or six", () => {
    expect(readClock("1402")).toBe(50_520_000);
    expect(readClock("14:02")).toBe(50_520_000);
    expect(readClock("140233")).toBe(50_553_000);
    expect(readClock("14:02:33")).toBe(50_553_000);
    for (const text of ["", "2400", "1460", "140260", "142", "1:402", "14.02", "noon"])
      expect(readClock(text)).toBeNull();
  });

  it("is shown as a clock shows it", () => {
    expect(clockLooks("1402")).toBe("14:02");
    expect(clockLooks("140233")).toBe("14:02:33");
    expect(clockLooks("99")).toBe("99");
  });

  it("is the first such time after the one before, also over midnight", () => {
    const at = (text: string) => readAfter(text, AT, ZONE);
    expect(at("1402")).toEqual({ at_ms: Date.parse("2026-11-22T14:02:00+08:00") });
    expect(at("1400")).toEqual({ at_ms: AT });
    expect(at("0130")).toEqual({ at_ms: Date.parse("2026-11-23T01:30:00+08:00") });
    expect(at("1359")).toEqual({ wrong: "before" });
    expect(at("9999")).toEqual({ wrong: "time" });
  });

  it("is by the centre's clocks where they are changed", () => {
    // Sweden, 25 October 2026: clocks go back from 03:00 to 02:00.
    const before = Date.parse("2026-10-25T01:30:00+02:00");
    expect(iso(nextClock(before, 3.5 * 3_600_000, "Europe/Stockholm"))).toBe("2026-10-25T02:30:00.000Z");
  });
});
