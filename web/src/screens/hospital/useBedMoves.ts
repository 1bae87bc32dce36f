// Moves of beds, one after the other in the order of the keys: who presses + three times has three beds moved.
import type { BedKind } from "@schema";
import { useCallback, useRef, useState } from "react";
import { useStore } from "zustand";
import { command } from "@/api/client";
import { liveStore } from "@/live/state";
import { type Move, type PendingMove, stillPending } from "@/screens/hospital/beds";
import { notifyProblem } from "@/shell/notices";

export interface BedMoves {
  pending: readonly PendingMove[];
  move: (kind: BedKind, move: Move) => void;
}

export function useBedMoves(facility: number, what: string): BedMoves {
  const [moves, setMoves] = useState<readonly PendingMove[]>([]);
  const sequence = useStore(liveStore, (live) => live.sequence);
  const queue = useRef(Promise.resolve());
  const counter = useRef(0);
  const move = useCallback(
    (kind: BedKind, made: Move) => {
      counter.current += 1;
      const id = counter.current;
      const known = liveStore.getState().sequence;
      setMoves((before) => [...stillPending(before, known), { ...made, id, kind, sequence: null }]);
      const send = async () => {
        try {
          const done = await command("bed_change", { facility, kind, what: made.what, from: made.from });
          setMoves((before) => before.map((one) => (one.id === id ? { ...one, sequence: done.sequence } : one)));
        } catch (thrown) {
          setMoves((before) => before.filter((one) => one.id !== id));
          notifyProblem(thrown, what);
        }
      };
      queue.current = queue.current.then(send);
    },
    [facility, what],
  );
  return { pending: stillPending(moves, sequence), move };
}
