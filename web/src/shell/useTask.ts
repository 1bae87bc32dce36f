import { useState } from "react";
import { asProblem, type Problem } from "@/api/problem";

/** One thing at a time, and what went wrong with it, told where it was tried. */
export function useTask() {
  const [pending, setPending] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const run = async (task: () => Promise<unknown>) => {
    setPending(true);
    setProblem(null);
    try {
      await task();
    } catch (thrown) {
      setProblem(asProblem(thrown));
    } finally {
      setPending(false);
    }
  };
  return { pending, problem, run };
}
