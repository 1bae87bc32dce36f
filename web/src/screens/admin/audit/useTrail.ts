import { useCallback, useEffect, useRef, useState } from "react";
import { asProblem, type Problem } from "@/api/problem";

export interface Part<T> {
  /** Newest first. */
  rows: readonly T[];
  /** What to ask for the rows before these; null: there are none. */
  next: number | null;
}

export interface Trail<T> {
  rows: readonly T[];
  problem: Problem | null;
  loading: boolean;
  /** Whether there are older ones. */
  more: boolean;
  older: () => Promise<void>;
  reload: () => Promise<void>;
}

/** A long list that is read from its newest end, piece by piece. `read` must be stable. */
export function useTrail<T>(read: (from: number | null) => Promise<Part<T>>): Trail<T> {
  const [part, setPart] = useState<Part<T>>({ rows: [], next: null });
  const [loading, setLoading] = useState(true);
  const [problem, setProblem] = useState<Problem | null>(null);
  const turn = useRef(0);
  const take = useCallback(
    async (from: number | null, before: readonly T[]) => {
      turn.current += 1;
      const mine = turn.current;
      setLoading(true);
      try {
        const { rows, next } = await read(from);
        if (mine === turn.current) setPart({ rows: [...before, ...rows], next });
        setProblem(null);
      } catch (thrown) {
        setProblem(asProblem(thrown));
      } finally {
        if (mine === turn.current) setLoading(false);
      }
    },
    [read],
  );
  const reload = useCallback(() => take(null, []), [take]);
  useEffect(() => {
    void reload();
  }, [reload]);
  return { ...part, problem, loading, more: part.next !== null, older: () => take(part.next, part.rows), reload };
}
