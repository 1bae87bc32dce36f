// What the command line must know of the centre to understand a line: plain data, so that a test can make one up.
export interface Named {
  id: number;
  code: string;
  name: string;
}

export interface NamedUnit extends Named {
  mission: number | null;
  incident: number | null;
}

/** A value of the schema and what the person calls it. */
export interface Labelled {
  value: string;
  text: string;
}

export type LabelKind = "needs" | "priority" | "shortfall" | "reason" | "bed" | "tier" | "mission_stage" | "unit_event";

export interface World {
  /** The incident that is shown. */
  selected: number | null;
  incidents: readonly number[];
  units: readonly NamedUnit[];
  facilities: readonly Named[];
  posts: readonly Named[];
  /** Of the incident that is shown, best first: units. */
  candidates: readonly number[];
  /** Of a mission, best first: facilities. */
  destinations: (mission: number) => readonly number[];
  /** Raised alarms, with the incident that they are about. */
  alarms: readonly { id: number; incident: number | null }[];
  /** Unread messages from crews. */
  unread: readonly { id: number; unit: number | null }[];
  labels: Record<LabelKind, readonly Labelled[]>;
}

export type Found<T> = { one: T } | { several: readonly T[] } | null;

/** By code, name or number; else by how code or name begin; else by a part of them. */
export function findNamed<T extends Named>(all: readonly T[], word: string): Found<T> {
  const small = word.toLowerCase();
  const tries: ((item: T) => boolean)[] = [
    (item) => item.code.toLowerCase() === small || item.name.toLowerCase() === small,
    (item) => item.code.toLowerCase().startsWith(small) || item.name.toLowerCase().startsWith(small),
    (item) => item.code.toLowerCase().includes(small) || item.name.toLowerCase().includes(small),
  ];
  for (const fits of tries) {
    const found = all.filter(fits);
    if (found.length === 1 && found[0]) return { one: found[0] };
    if (found.length > 1) return { several: found };
  }
  return null;
}

/** A label by its value or its word; a beginning will do where it is the only one. */
export function findLabel(all: readonly Labelled[], word: string): string | null {
  const small = word.toLowerCase();
  const exact = all.find(({ value, text }) => value === small || text.toLowerCase() === small);
  if (exact) return exact.value;
  const begun = all.filter(({ value, text }) => value.startsWith(small) || text.toLowerCase().startsWith(small));
  return begun.length === 1 && begun[0] ? begun[0].value : null;
}
