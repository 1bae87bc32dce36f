import type { CommandDone, CommandName, Commands } from "@schema";
import { useCallback, useRef, useState } from "react";
import { command, newKey, type RequestOptions } from "@/api/client";
import { asProblem } from "@/api/problem";
import { notifyProblem } from "@/shell/notices";

export interface Act {
  /** Sends the command once; a refusal is told to the person, and null comes back. While one is on its way, another is not sent. */
  send: <K extends CommandName>(
    name: K,
    fields: Commands[K],
    what?: string,
    options?: RequestOptions,
  ) => Promise<CommandDone | null>;
  /** Any request of one's own, with the same manners. */
  run: <T>(task: () => Promise<T>, what?: string) => Promise<T | null>;
  pending: boolean;
}

/** One act of a person at a time: a double press sends nothing twice. */
export function useAct(): Act {
  const [pending, setPending] = useState(false);
  const busy = useRef(false);
  const run = useCallback(async <T>(task: () => Promise<T>, what?: string): Promise<T | null> => {
    if (busy.current) return null;
    busy.current = true;
    setPending(true);
    try {
      return await task();
    } catch (thrown) {
      const problem = asProblem(thrown);
      notifyProblem(problem, what);
      return null;
    } finally {
      busy.current = false;
      setPending(false);
    }
  }, []);
  const send = useCallback<Act["send"]>(
    (name, fields, what, options) => {
      const key = options?.key ?? newKey();
      return run(() => command(name, fields, { ...options, key }), what);
    },
    [run],
  );
  return { send, run, pending };
}
