import type { CommandDone, CommandName, Commands } from "@schema";
import { useCallback, useRef, useState } from "react";
import { command, newKey, type RequestOptions } from "@/api/client";
import { asProblem } from "@/api/problem";
import { notifyProblem } from "@/shell/notices";

export interface Act {
  /**
   * Sends the command once; a refusal is told to the person, and null comes back. While it is on its way the same is not sent
   * again (null at once); another waits for its turn: what was pressed is not lost.
   */
  send: <K extends CommandName>(
    name: K,
    fields: Commands[K],
    what?: string,
    options?: RequestOptions,
  ) => Promise<CommandDone | null>;
  /** Any request of one's own, with the same manners. `act` tells whether two are the same; else `what` does. */
  run: <T>(task: () => Promise<T>, what?: string, act?: string) => Promise<T | null>;
  pending: boolean;
}

/** One act of a person after the other; a double press sends nothing twice. */
export function useAct(): Act {
  const [underWay, setUnderWay] = useState(0);
  const acts = useRef(new Set<string>());
  const last = useRef<Promise<unknown>>(Promise.resolve());
  const run = useCallback(<T>(task: () => Promise<T>, what?: string, act = what ?? ""): Promise<T | null> => {
    if (acts.current.has(act)) return Promise.resolve(null);
    acts.current.add(act);
    setUnderWay((count) => count + 1);
    const done = last.current.then(async () => {
      try {
        return await task();
      } catch (thrown) {
        notifyProblem(asProblem(thrown), what);
        return null;
      } finally {
        acts.current.delete(act);
        setUnderWay((count) => count - 1);
      }
    });
    last.current = done;
    return done;
  }, []);
  const send = useCallback<Act["send"]>(
    (name, fields, what, options) => {
      const key = options?.key ?? newKey();
      return run(() => command(name, fields, { ...options, key }), what, name + JSON.stringify(fields));
    },
    [run],
  );
  return { send, run, pending: underWay > 0 };
}
