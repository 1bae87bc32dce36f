import { useRef, useState } from "react";
import { flushSync } from "react-dom";
import { asProblem, type Problem } from "@/api/problem";
import type { Form } from "@/screens/admin/parts/useForm";
import { notify } from "@/shell/notices";

export interface SaverOptions<F extends object, T> {
  form: Form<F>;
  /** What stands now; null for something new. It is looked at before anything is sent. */
  read: (() => Promise<T>) | null;
  fieldsOf: (thing: T) => F;
  /** Sends it; `now` is null for something new. */
  send: (values: F, now: T | null) => Promise<unknown>;
  /** Told when it is saved. */
  done: string;
  /** After it is saved: show it. Gets what `send` gave. */
  after?: (result: unknown) => void;
}

export interface Saver {
  save: () => Promise<void>;
  pending: boolean;
  problem: Problem | null;
}

/** Looks, then sends: so that nobody's change is overwritten unseen. What is refused stays in the form, with the reason. */
export function useSaver<F extends object, T>({ form, read, fieldsOf, send, done, after }: SaverOptions<F, T>): Saver {
  const [pending, setPending] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const busy = useRef(false);

  const attempt = async () => {
    const now = read ? await read() : null;
    if (now !== null && form.conflictsWith(fieldsOf(now)).length > 0) return;
    const result = await send(now === null ? form.values : form.mergedWith(fieldsOf(now)), now);
    // At once, so that going on to what was made asks nothing.
    flushSync(form.reset);
    notify({ tone: "ok", text: done });
    await read?.();
    after?.(result);
  };
  const save = async () => {
    if (busy.current || !form.attempt()) return;
    busy.current = true;
    setPending(true);
    setProblem(null);
    try {
      await attempt();
    } catch (thrown) {
      const refusal = asProblem(thrown);
      if (refusal.name === "code_taken") form.refuse("code" as keyof F & string, { fault: "taken" });
      else setProblem(refusal);
      // A part may have been done.
      await read?.().catch(() => {});
    } finally {
      busy.current = false;
      setPending(false);
    }
  };
  return { save, pending, problem };
}
