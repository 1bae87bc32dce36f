import { describe, expect, it } from "vitest";
import { Pace } from "@/map/pace";

/** Draws whenever it may, for a second; each picture takes so long. Returns when pictures began. */
function aSecond(pace: Pace, picture_ms: number, acted_ms?: number): number[] {
  const drawn: number[] = [];
  let now_ms = 0;
  while (now_ms < 1000) {
    if (acted_ms !== undefined && now_ms >= acted_ms) {
      pace.acted(now_ms);
      acted_ms = undefined;
    }
    const wait_ms = pace.wait_ms(now_ms);
    if (wait_ms > 0) now_ms += wait_ms;
    else {
      drawn.push(now_ms);
      pace.drew(now_ms);
      now_ms += picture_ms;
    }
  }
  return drawn;
}

describe("the pace of pictures", () => {
  it("is that of the frames where a picture is quick, whatever is pressed", () => {
    expect(aSecond(new Pace(), 20)).toHaveLength(50);
    expect(aSecond(new Pace(), 20, 400)).toHaveLength(50);
  });

  it("leaves half of the time free where a picture is slow", () => {
    expect(aSecond(new Pace(), 100)).toEqual([0, 200, 400, 600, 800]);
  });

  it("never lets a very slow picture wait for long", () => {
    expect(aSecond(new Pace(), 600)).toEqual([0, 900]);
  });

  it("lets the answer to a key go first where a picture is slow", () => {
    expect(aSecond(new Pace(), 100, 300)).toEqual([0, 200, 420, 620, 820]);
  });

  it("does not take a rest for a slow picture", () => {
    const pace = new Pace();
    pace.drew(0);
    pace.rest();
    expect(pace.wait_ms(5000)).toBe(0);
  });
});
