import { describe, expect, it } from "vitest";
import { Motion } from "@/map/motion";

describe("units between two positions", () => {
  it("glide from where they are drawn to where they were last told to be", () => {
    const motion = new Motion(false);
    motion.moveTo(1, 10, 50, 0);
    expect(motion.isMoving(0)).toBe(false);
    motion.moveTo(1, 10.01, 50.01, 1000);
    const [lon, lat] = motion.at(1, 1550) ?? [0, 0];
    expect(lon).toBeCloseTo(10.005, 6);
    expect(lat).toBeCloseTo(50.005, 6);
    motion.moveTo(1, 10.005, 50.005, 1550);
    expect(motion.at(1, 9999)).toEqual([10.005, 50.005]);
    expect(motion.isMoving(9999)).toBe(false);
  });

  it("never overshoot, however late the next position comes", () => {
    const motion = new Motion(false);
    motion.moveTo(7, 1, 1, 0);
    motion.moveTo(7, 1.001, 1, 100);
    for (let now = 100; now < 20_000; now += 333) {
      const [lon] = motion.at(7, now) ?? [0];
      expect(lon).toBeGreaterThanOrEqual(1);
      expect(lon).toBeLessThanOrEqual(1.001);
    }
  });

  it("jump where it is too far to drive, and where motion is not wanted", () => {
    const far = new Motion(false);
    far.moveTo(1, 10, 50, 0);
    far.moveTo(1, 11, 50, 1000);
    expect(far.at(1, 1000)).toEqual([11, 50]);
    const still = new Motion(true);
    still.moveTo(1, 10, 50, 0);
    still.moveTo(1, 10.001, 50, 1000);
    expect(still.at(1, 1000)).toEqual([10.001, 50]);
    expect(still.isMoving(1000)).toBe(false);
  });

  it("are forgotten when they are no more", () => {
    const motion = new Motion(false);
    motion.moveTo(1, 10, 50, 0);
    motion.moveTo(2, 10, 50, 0);
    motion.keepOnly(new Set([2]));
    expect(motion.at(1, 0)).toBeUndefined();
    expect(motion.at(2, 0)).toEqual([10, 50]);
  });
});
