// The beds of a hospital as a board: what may be moved from where to where, and how the figures look while moves are on
// their way. Every move takes one bed out of one state and puts it into another: the sum stands.
import type { BedEvent, BedKind, BedState, Beds } from "@schema";

export const STATES: readonly BedState[] = ["available", "reserved", "occupied", "blocked", "converting"];
/** Those that a hospital counts; reservations are the centre's. */
export const COUNTED = ["available", "occupied", "blocked", "converting"] as const;
export type Counted = (typeof COUNTED)[number];
export type Count = Record<Counted, number>;

export interface Move {
  what: BedEvent;
  from: BedState;
  to: BedState;
}

const MORE: Partial<Record<BedState, readonly Move[]>> = {
  available: [{ what: "vacate", from: "occupied", to: "available" }],
  occupied: [{ what: "occupy", from: "available", to: "occupied" }],
  // A bed that has just been left is cleaned, where no other can be spared.
  blocked: [
    { what: "block", from: "available", to: "blocked" },
    { what: "block", from: "occupied", to: "blocked" },
  ],
  converting: [{ what: "convert", from: "available", to: "converting" }],
};

const LESS: Partial<Record<BedState, readonly Move[]>> = {
  available: [{ what: "occupy", from: "available", to: "occupied" }],
  occupied: [{ what: "vacate", from: "occupied", to: "available" }],
  blocked: [{ what: "unblock", from: "blocked", to: "available" }],
  converting: [{ what: "finish", from: "converting", to: "available" }],
};

/** The move that gives this state one bed more, or one less; null where no bed can be moved so. */
export function moveOf(beds: Beds, state: BedState, more: boolean): Move | null {
  return (more ? MORE : LESS)[state]?.find((move) => beds[move.from] > 0) ?? null;
}

export function totalOf(beds: Beds): number {
  return STATES.reduce((sum, state) => sum + beds[state], 0);
}

export interface PendingMove extends Move {
  id: number;
  kind: BedKind;
  /** The journal's entry, once it is done. */
  sequence: number | null;
}

/** Moves whose effect is not in what the stream has told. */
export function stillPending(moves: readonly PendingMove[], sequence: number): readonly PendingMove[] {
  return moves.filter((move) => move.sequence === null || move.sequence > sequence);
}

/** The figures as they will be. */
export function withMoves(beds: Beds, moves: readonly PendingMove[]): Beds {
  const after = { ...beds };
  for (const move of moves) {
    if (move.kind !== beds.kind || after[move.from] === 0) continue;
    after[move.from] -= 1;
    after[move.to] += 1;
  }
  return after;
}

export const BEDS_MAX = 10_000;

/** What was typed as a count, or null. */
export function countOf(text: string): number | null {
  const trimmed = text.trim();
  if (!/^\d{1,5}$/.test(trimmed)) return null;
  const count = Number(trimmed);
  return count <= BEDS_MAX ? count : null;
}

export type Typed = Record<Counted, string>;

export function typedOf(beds: Beds | undefined): Typed {
  const text = (state: Counted) => (beds ? String(beds[state]) : "");
  return {
    available: text("available"),
    occupied: text("occupied"),
    blocked: text("blocked"),
    converting: text("converting"),
  };
}

/** All four, or null if one of them is no count. What is left empty is zero. */
export function readTyped(typed: Typed): Count | null {
  const count: Partial<Count> = {};
  for (const state of COUNTED) {
    const value = typed[state].trim() === "" ? 0 : countOf(typed[state]);
    if (value === null) return null;
    count[state] = value;
  }
  return count as Count;
}
