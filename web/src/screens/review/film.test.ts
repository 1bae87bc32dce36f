import type { Timeline } from "@schema";
import { expect, test } from "vitest";
import { Film, lookOf } from "@/screens/review/film";

/** Unit 1 moves in every frame, unit 2 only in the first and in frame 40. */
function made(frames: number): Timeline {
  const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
  return {
    units: [
      { id: 1, code: "A1" },
      { id: 2, code: "A2" },
    ],
    from: at(0),
    to: at(frames - 1),
    step_s: 1,
    frames: Array.from({ length: frames }, (_, i) => ({
      at: at(i),
      events: [],
      calls_waiting: 0,
      incidents_waiting: 0,
      units: [
        [1, i * 1e7, 0, "on_mission", null, "departed"],
        ...(i === 0 ? [[2, 5e7, 0, "at_post", null, null]] : []),
        ...(i === 40 ? [[2, 6e7, 0, "off_duty", null, null]] : []),
      ],
      incidents: [[9, 1e7, 2e7, "severe", i < 10 ? "queued" : "served"]],
    })),
  };
}

test("any frame is whole, whichever way one comes to it", () => {
  const film = new Film(made(100));
  const seen = (index: number) => film.frame(index)?.units.map((unit) => [unit.code, unit.point?.lon]);
  expect(seen(39)).toEqual([
    ["A1", 39],
    ["A2", 5],
  ]);
  expect(seen(99)).toEqual([["A1", 99]]);
  expect(seen(31)).toEqual([
    ["A1", 31],
    ["A2", 5],
  ]);
  expect(seen(64)).toEqual([["A1", 64]]);
  expect(film.frame(100)).toBeNull();
  expect(film.frame(9)?.incidents[0]?.waiting).toBe(true);
  expect(film.frame(10)?.incidents[0]?.waiting).toBe(false);
});

test("an instant's frame", () => {
  const film = new Film(made(10));
  expect(film.indexAt(Date.UTC(2026, 0, 1, 0, 0, 3))).toBe(3);
  expect(film.indexAt(Date.UTC(2025, 0, 1))).toBe(0);
  expect(film.indexAt(Date.UTC(2027, 0, 1))).toBe(9);
});

test("how a unit looks", () => {
  expect(lookOf("on_mission", "assigned")).toBe("ordered");
  expect(lookOf("on_mission", "left_scene")).toBe("to_facility");
  expect(lookOf("at_post", null)).toBe("post");
  expect(lookOf("off_duty", null)).toBeNull();
});
