import { describe, expect, it } from "vitest";
import { EMPTY_SCENE, freshness, type Scene, targetAt } from "@/map/scene";

const scene: Scene = {
  ...EMPTY_SCENE,
  units: [{ id: 1, code: "A1", look: "post" }],
  incidents: [{ id: 5, point: { lon: 10, lat: 10 }, priority: "severe", waiting: true }],
  facilities: [{ id: 9, name: "H", point: { lon: 10, lat: 10 }, state: "open" }],
};
const project = (lon: number, lat: number) => ({ x: lon * 10, y: lat * 10 });

describe("what lies under a point of the screen", () => {
  it("is the nearest within reach, the smaller sign before the larger one", () => {
    const at = (x: number, y: number) => targetAt(scene, () => [20, 10], project, { x, y });
    expect(at(101, 101)).toEqual({ kind: "incident", id: 5 });
    expect(at(195, 100)).toEqual({ kind: "unit", id: 1 });
    expect(at(150, 150)).toBeNull();
  });

  it("is no unit whose place nobody knows", () => {
    expect(targetAt(scene, () => undefined, project, { x: 200, y: 100 })).toBeNull();
  });
});

describe("the age of a position", () => {
  it("is seen: full, fading, never gone", () => {
    expect(freshness(null)).toBe(1);
    expect(freshness(10)).toBe(1);
    expect(freshness(180)).toBeCloseTo(0.7, 2);
    expect(freshness(100_000)).toBe(0.4);
  });
});
