// What the stream has told: a Map a kind, changed in place, published at most once a frame. A row subscribes to its own
// entity (useEntity) and a list to its own ids (useIds); nobody renders because something else has changed.
import type { Collections, Control, Point } from "@schema";
import { createStore } from "zustand/vanilla";

export type Kind = keyof Collections;
export type Entity<K extends Kind> = Collections[K];

/** Who has a seat, unit or facility in hand, as against the simulation (drills). */
export interface Held {
  kind: "seat" | "unit" | "facility";
  id: number;
  actor: number;
  since: string;
}

/** Who is at work on what at this moment. */
export interface Hand {
  kind: "call" | "incident" | "mission" | "unit" | "facility";
  id: number;
  person: number;
  name: string;
}

type Tables = { [K in Kind]: Map<number, Entity<K>> };

/** closed: no socket. silent: a socket on which nothing comes, not even the answer to a ping. */
export type ConnectionState = "connecting" | "live" | "silent" | "closed";

export interface LiveState {
  tables: Tables;
  /** Rises whenever a table of the kind has changed; the Maps themselves stay the same objects. */
  versions: Record<Kind, number>;
  sequence: number;
  /** Of the journal's entry with that number: a number alone may mean another entry, where the centre has lost some. */
  fingerprint: string;
  /** How often the centre has said that what was shown here is not in its journal any more. */
  lost: number;
  /** Whether a snapshot has come since the person signed in. */
  ready: boolean;
  control: readonly Held[];
  hands: readonly Hand[];
  connection: ConnectionState;
  /** When the last message came, by performance.now(). */
  heardAt_ms: number;
}

export const KINDS: readonly Kind[] = [
  "calls",
  "incidents",
  "missions",
  "units",
  "posts",
  "facilities",
  "alarms",
  "messages",
];

function emptyTables(): Tables {
  return Object.fromEntries(KINDS.map((kind) => [kind, new Map()])) as unknown as Tables;
}

function freshState(): LiveState {
  return {
    tables: emptyTables(),
    versions: Object.fromEntries(KINDS.map((kind) => [kind, 0])) as Record<Kind, number>,
    sequence: 0,
    fingerprint: "",
    lost: 0,
    ready: false,
    control: [],
    hands: [],
    connection: "connecting",
    heardAt_ms: 0,
  };
}

export const liveStore = createStore<LiveState>(freshState);

export function resetLive(): void {
  liveStore.setState(freshState(), true);
}

export function entityOf<K extends Kind>(kind: K, id: number | null | undefined): Entity<K> | undefined {
  return id == null ? undefined : (liveStore.getState().tables[kind].get(id) as Entity<K> | undefined);
}

export type { Control, Point };
