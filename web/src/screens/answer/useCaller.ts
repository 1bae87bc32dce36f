import type { Call, Caller, Earlier } from "@schema";
import { useCallback, useEffect, useRef, useState } from "react";
import { get, put } from "@/api/client";
import { asProblem, type Problem } from "@/api/problem";
import { notifyProblem } from "@/shell/notices";

export type CallerFields = Pick<Caller, "number" | "name" | "home" | "remarks">;

const NOBODY: CallerFields = { number: "", name: "", home: "", remarks: "" };

export interface CallerHandle {
  caller: CallerFields | null;
  problem: Problem | null;
  /** Stores it; what was typed stays a draft until it is stored. */
  save: (changes: Partial<CallerFields>) => Promise<boolean>;
  saving: boolean;
}

/** Who calls and what was noted. Reading is in the audit trail, so it is read once, when the call is taken. */
export function useCaller(call: Call): CallerHandle {
  const [caller, setCaller] = useState<CallerFields | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [saving, setSaving] = useState(false);
  const { id, has_caller } = call;
  useEffect(() => {
    const abort = new AbortController();
    if (!has_caller) setCaller(NOBODY);
    else
      get<Caller>(`/api/v1/calls/${id}/caller`, { signal: abort.signal }).then(
        ({ number, name, home, remarks }) => setCaller({ number, name, home, remarks }),
        (thrown) => abort.signal.aborted || setProblem(asProblem(thrown)),
      );
    return () => abort.abort();
  }, [id, has_caller]);
  // All is stored at once, so a second field takes the first one's change along, and waits for it: else the later request would
  // put back what stood there before.
  const wanted = useRef<CallerFields | null>(null);
  const chain = useRef<Promise<unknown>>(Promise.resolve());
  const save = useCallback(
    async (changes: Partial<CallerFields>) => {
      const fresh = { ...(wanted.current ?? caller ?? NOBODY), ...changes };
      wanted.current = fresh;
      setSaving(true);
      const stored = chain.current.then(() => put(`/api/v1/calls/${id}/caller`, fresh));
      chain.current = stored.catch(() => {});
      try {
        await stored;
        setCaller(fresh);
        return true;
      } catch (thrown) {
        notifyProblem(thrown);
        return false;
      } finally {
        if (wanted.current === fresh) {
          wanted.current = null;
          setSaving(false);
        }
      }
    },
    [id, caller],
  );
  return { caller, problem, save, saving };
}

/** What happened before: calls from the number, and, once the place is known, incidents there. */
export function useEarlier(call: Call): { earlier: Earlier | null; problem: Problem | null } {
  const [earlier, setEarlier] = useState<Earlier | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const { id, located_at } = call;
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again when the place is known, or known better
  useEffect(() => {
    const abort = new AbortController();
    get<Earlier>(`/api/v1/calls/${id}/earlier`, { signal: abort.signal }).then(setEarlier, (thrown) => {
      if (!abort.signal.aborted) setProblem(asProblem(thrown));
    });
    return () => abort.abort();
  }, [id, located_at]);
  return { earlier, problem };
}
