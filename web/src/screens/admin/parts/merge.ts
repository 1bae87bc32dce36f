// What a person edits, against what stood when the editing began (base) and what stands now.

export interface Edited<F> {
  base: F;
  values: F;
}

export function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function keysOf<F extends object>(fields: F): (keyof F & string)[] {
  return Object.keys(fields) as (keyof F & string)[];
}

/** What the person changed stands, the rest is as it is now. */
export function merged<F extends object>(draft: Edited<F> | null, now: F): F {
  if (!draft) return now;
  const values = { ...now };
  for (const key of keysOf(now)) if (!same(draft.values[key], draft.base[key])) values[key] = draft.values[key];
  return values;
}

export function changedKeys<F extends object>(values: F, now: F): (keyof F & string)[] {
  return keysOf(now).filter((key) => !same(values[key], now[key]));
}

/** What both the person and somebody else changed since, each to another value. */
export function conflicts<F extends object>(draft: Edited<F> | null, now: F): (keyof F & string)[] {
  if (!draft) return [];
  const { base, values } = draft;
  return keysOf(now).filter(
    (key) => !same(values[key], base[key]) && !same(now[key], base[key]) && !same(values[key], now[key]),
  );
}

/** The base to go on editing from: what only others changed is taken over, what the person changed keeps its old base. */
export function rebased<F extends object>(draft: Edited<F> | null, now: F): F {
  if (!draft) return now;
  const base = { ...now };
  for (const key of keysOf(now)) if (!same(draft.values[key], draft.base[key])) base[key] = draft.base[key];
  return base;
}
