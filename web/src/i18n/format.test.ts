import { describe, expect, it } from "vitest";
import { clockText, makeFormat } from "@/i18n/format";

const AT = "2026-11-22T06:05:09.123456Z";

describe("formats", () => {
  it("tell the time of the centre, not of this machine", () => {
    expect(makeFormat("en", "Asia/Shanghai").timeSeconds(AT)).toBe("14:05:09");
    expect(makeFormat("zh-CN", "Europe/Stockholm").time(AT)).toBe("07:05");
    expect(makeFormat("en", "Asia/Shanghai").time("2026-11-22T16:00:00Z")).toBe("00:00");
  });

  it("say nothing of a time that is not known", () => expect(makeFormat("en", "UTC").time(null)).toBe("–"));

  it("say how long and how far in the person's language", () => {
    const [english, chinese] = [makeFormat("en", "UTC"), makeFormat("zh-CN", "UTC")];
    expect(english.duration(45)).toBe("45 sec");
    expect(english.duration(7500)).toBe("2 hr 5 min");
    expect(chinese.duration(720)).toBe("12分钟");
    expect(english.distance(853)).toBe("850 m");
    expect(english.distance(12_440)).toBe("12.4 km");
    expect(chinese.distance(996)).toBe("1.0公里");
    expect(english.percent(0.9534, 1)).toBe("95.3%");
  });

  it("show clocks as stopwatches do", () => {
    expect([7, 761, 3753, -5, 0.4, -0.4].map(clockText)).toEqual(["0:07", "12:41", "1:02:33", "−0:05", "0:00", "0:00"]);
  });
});
