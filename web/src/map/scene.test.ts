import { describe, expect, it } from "vitest";
import { EMPTY_SCENE, freshness, type Scene, stack, targetAt } from "@/map/scene";

const scene: Scene = {
  ...EMPTY_SCENE,
  units: [{ id: 1, code: "A1", look: "post" }],
  incidents: [{ id: 5, point: { lon: 10, lat: 10 }, priority: "severe", waiting: true }],
  facilities: [{ id: 9, name: "H", point: { lon: 10, lat: 10 }, state: "open" }],
};
const project = (lon: number, lat: number) => ({ x: lon * 10, y: lat * 10 });

describe("what lies under a point of the screen", () => {
  it("is the nearest within reach, the smaller sign before the larger one", () => {
    const at = (x: number, y: number) =>
      targetAt(scene, () => ({ place: [20, 10], offset: [0, 0] }), project, { x, y });
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

describe("units at one station", () => {
  const at = (id: number, station: number) => ({ id, code: `A${id}`, look: "post" as const, group: `post ${station}` });

  it("are drawn beside each other, and apart from other stations", () => {
    const offsets = stack([at(1, 7), at(2, 7), at(3, 8), { id: 4, code: "A4", look: "to_scene" }], true);
    expect(offsets.get(1)).not.toEqual(offsets.get(2));
    expect(offsets.get(3)).toEqual(offsets.get(1));
    expect(offsets.has(4)).toBe(false);
  });

  it("are hit where they are drawn", () => {
    const units = [at(1, 7), at(2, 7)];
    const offsets = stack(units, true);
    const placeOf = ({ id }: { id: number }) => ({
      place: [5, 5] as const,
      offset: offsets.get(id) ?? ([0, 0] as const),
    });
    const [x, y] = offsets.get(2) ?? [0, 0];
    const found = targetAt({ ...EMPTY_SCENE, units }, placeOf, project, { x: 50 + x, y: 50 + y });
    expect(found).toEqual({ kind: "unit", id: 2 });
  });
});
