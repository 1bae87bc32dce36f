import { useCallback, useRef, useState } from "react";
import { asProblem, type Problem } from "@/api/problem";

/** One act at a time; what went wrong stays here, to be shown where it was tried. */
export function useOnce(): {
  run: (task: () => Promise<unknown>) => Promise<boolean>;
  pending: boolean;
  problem: Problem | null;
  clear: () => void;
} {
  const [pending, setPending] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const busy = useRef(false);
  const run = useCallback(async (task: () => Promise<unknown>) => {
    if (busy.current) return false;
    busy.current = true;
    setPending(true);
    setProblem(null);
    try {
      await task();
      return true;
    } catch (thrown) {
      setProblem(asProblem(thrown));
      return false;
    } finally {
      busy.current = false;
      setPending(false);
    }
  }, []);
  return { run, pending, problem, clear: useCallback(() => setProblem(null), []) };
}
