// What is asked once for what is looked at, and asked again when something else is.
import { useCallback, useEffect, useState } from "react";
import { asProblem, type Problem } from "@/api/problem";

export interface Answer<T> {
  value: T | null;
  problem: Problem | null;
  /** Another answer is on its way; value is the one before, until it comes. */
  loading: boolean;
  again: () => void;
}

/** Key null: nothing is asked. The same key is asked once; `ask` may be a new function at every rendering. */
export function useAnswer<T>(key: string | null, ask: (signal: AbortSignal) => Promise<T>): Answer<T> {
  const [held, setHeld] = useState<{ key: string | null; value: T | null; problem: Problem | null }>({
    key: null,
    value: null,
    problem: null,
  });
  const [tries, setTries] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for what is asked; another try asks anew
  useEffect(() => {
    if (key === null) return undefined;
    const abort = new AbortController();
    ask(abort.signal).then(
      (value) => abort.signal.aborted || setHeld({ key, value, problem: null }),
      (thrown) => abort.signal.aborted || setHeld({ key, value: null, problem: asProblem(thrown) }),
    );
    return () => abort.abort();
  }, [key, tries]);
  const again = useCallback(() => {
    setHeld((before) => ({ ...before, key: null, problem: null }));
    setTries((count) => count + 1);
  }, []);
  const shown = key === null ? null : held;
  return {
    value: shown?.value ?? null,
    problem: shown?.key === key ? (shown?.problem ?? null) : null,
    loading: key !== null && held.key !== key,
    again,
  };
}
