import type { BedEvent, BedState, Beds } from "@schema";
import { describe, expect, it } from "vitest";
import {
  countOf,
  moveOf,
  type PendingMove,
  readTyped,
  STATES,
  stillPending,
  totalOf,
  typedOf,
  withMoves,
} from "@/screens/hospital/beds";

function beds(available: number, reserved: number, occupied: number, blocked: number, converting: number): Beds {
  return { kind: "emergency", available, reserved, occupied, blocked, converting, counted_at: null, age_s: null };
}

// What the core allows (schema/statuses.toml, entity "bed"), by hand.
const ALLOWED: readonly [BedState, BedEvent, BedState][] = [
  ["available", "occupy", "occupied"],
  ["occupied", "vacate", "available"],
  ["available", "block", "blocked"],
  ["occupied", "block", "blocked"],
  ["blocked", "unblock", "available"],
  ["available", "convert", "converting"],
  ["converting", "finish", "available"],
];

describe("moves of beds", () => {
  const full = beds(3, 1, 5, 2, 4);

  it("are those that the core allows, into the state or out of it", () => {
    for (const state of STATES)
      for (const more of [true, false]) {
        const move = moveOf(full, state, more);
        if (state === "reserved") expect(move).toBeNull();
        else {
          expect(ALLOWED).toContainEqual([move?.from, move?.what, move?.to]);
          expect(more ? move?.to : move?.from).toBe(state);
        }
      }
  });

  it("need a bed: an occupied one is blocked where none is free, and nothing is moved out of nothing", () => {
    expect(moveOf(beds(0, 0, 2, 0, 0), "blocked", true)?.from).toBe("occupied");
    expect(moveOf(beds(0, 0, 2, 0, 0), "occupied", true)).toBeNull();
    expect(moveOf(beds(0, 3, 0, 0, 0), "available", true)).toBeNull();
    expect(moveOf(beds(1, 0, 0, 0, 0), "converting", false)).toBeNull();
  });

  it("keep the sum, also while they are on their way", () => {
    const on: PendingMove[] = [
      { id: 1, kind: "emergency", what: "occupy", from: "available", to: "occupied", sequence: null },
      { id: 2, kind: "emergency", what: "block", from: "available", to: "blocked", sequence: 12 },
      { id: 3, kind: "icu", what: "occupy", from: "available", to: "occupied", sequence: null },
    ];
    const after = withMoves(full, on);
    expect([after.available, after.occupied, after.blocked]).toEqual([1, 6, 3]);
    expect(totalOf(after)).toBe(15);
    expect(withMoves(beds(0, 0, 0, 0, 0), on).occupied).toBe(0);
  });

  it("are on their way until the stream has told of their entry", () => {
    const move = { kind: "icu", what: "occupy", from: "available", to: "occupied" } as const;
    const moves: PendingMove[] = [
      { ...move, id: 1, sequence: 10 },
      { ...move, id: 2, sequence: 11 },
      { ...move, id: 3, sequence: null },
    ];
    expect(stillPending(moves, 10).map((one) => one.id)).toEqual([2, 3]);
  });
});

describe("counts that are typed", () => {
  it("are whole numbers up to what the core takes", () => {
    expect(["0", " 12 ", "10000"].map(countOf)).toEqual([0, 12, 10000]);
    expect(["", "-1", "1.5", "10001", "abc", "1e3"].map(countOf)).toEqual([null, null, null, null, null, null]);
  });

  it("leave out what is zero, and are no count where one is wrong", () => {
    const typed = { available: "4", occupied: "20", blocked: "", converting: "0" };
    expect(readTyped(typed)).toEqual({ available: 4, occupied: 20, blocked: 0, converting: 0 });
    expect(readTyped({ ...typed, blocked: "x" })).toBeNull();
    expect(typedOf(beds(1, 9, 2, 3, 4))).toEqual({ available: "1", occupied: "2", blocked: "3", converting: "4" });
    expect(typedOf(undefined).available).toBe("");
  });
});
