import { useCallback, useEffect, useState } from "react";
import type { Fault, Faults } from "@/screens/admin/parts/check";
import { changedKeys, conflicts, type Edited, merged, rebased } from "@/screens/admin/parts/merge";
import { useDraft } from "@/shell/drafts";

export interface Form<F extends object> {
  values: F;
  /** What stands at the server. */
  base: F;
  set: <K extends keyof F & string>(key: K, value: F[K]) => void;
  changed: (keyof F & string)[];
  dirty: boolean;
  /** Faults of what was touched; after an attempt to save, of everything. */
  shown: Faults<F>;
  touch: (key: keyof F & string) => void;
  /** What somebody else changed meanwhile, and the person too. */
  conflicts: (keyof F & string)[];
  conflictsWith: (now: F) => (keyof F & string)[];
  /** The person's entries over what stands now. */
  mergedWith: (now: F) => F;
  /** The person's entries go over what stands. */
  keepMine: () => void;
  reset: () => void;
  /** Whether it can be sent; shows every fault if not. */
  attempt: () => boolean;
  /** A fault that only the server could know; stays until the field is changed. */
  refuse: (key: keyof F & string, fault: Fault) => void;
}

/** The fields of one record. What is typed is a draft under `key`; `base` must be stable as long as it is the same. */
export function useForm<F extends object>(key: string, base: F, check: (values: F) => Faults<F>): Form<F> {
  const [draft, setDraft, clearDraft] = useDraft<Edited<F> | null>(`admin.${key}`, null);
  const [touched, setTouched] = useState<Readonly<Record<string, true>>>({});
  const [tried, setTried] = useState(false);
  const [refused, setRefused] = useState<Faults<F>>({});
  const values = merged(draft, base);
  const changed = changedKeys(values, base);
  const faults: Faults<F> = { ...check(values), ...refused };
  const shown = Object.fromEntries(
    Object.entries(faults).filter(([name]) => tried || touched[name] || name in refused),
  ) as Faults<F>;
  const reset = useCallback(() => {
    clearDraft();
    setTouched({});
    setTried(false);
    setRefused({});
  }, [clearDraft]);
  const settled = draft !== null && changed.length === 0;
  useEffect(() => {
    // Changed back, or somebody else made the same change: nothing is left to save.
    if (settled) clearDraft();
  }, [settled, clearDraft]);
  return {
    values,
    base,
    changed,
    dirty: changed.length > 0,
    shown,
    conflicts: conflicts(draft, base),
    conflictsWith: (now) => conflicts(draft, now),
    mergedWith: (now) => merged(draft, now),
    set: (name, value) => {
      setDraft({ base: rebased(draft, base), values: { ...values, [name]: value } });
      if (name in refused) setRefused(({ [name]: _, ...rest }) => rest as Faults<F>);
    },
    touch: (name) => setTouched((before) => (before[name] ? before : { ...before, [name]: true })),
    keepMine: () => setDraft({ base, values }),
    reset,
    attempt: () => {
      setTried(true);
      return Object.keys(faults).length === 0;
    },
    refuse: (name, fault) => setRefused((before) => ({ ...before, [name]: fault })),
  };
}
