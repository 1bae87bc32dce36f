import { useCallback, useRef, useSyncExternalStore } from "react";
import { useStore } from "zustand";
import { serverNow_ms } from "@/live/clock";
import { type ConnectionState, type Entity, entityOf, type Hand, type Kind, liveStore } from "@/live/state";

/** One entity; renders again when that one has changed. */
export function useEntity<K extends Kind>(kind: K, id: number | null | undefined): Entity<K> | undefined {
  return useStore(liveStore, () => entityOf(kind, id));
}

function equal(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((item, i) => Object.is(item, other[i]));
}

/**
 * Whatever is picked out of all entities of a kind; renders again when the picked list has changed (item by item). The
 * picker should be stable (useCallback, or a function of the module): it runs whenever the kind has changed.
 */
export function useSelected<K extends Kind, T>(kind: K, pick: (entities: Iterable<Entity<K>>) => T[]): readonly T[] {
  const memory = useRef<{ version: number; pick: unknown; kind: Kind; table: unknown; list: readonly T[] } | null>(
    null,
  );
  const select = useCallback((): readonly T[] => {
    const { tables, versions } = liveStore.getState();
    const version = versions[kind];
    const table = tables[kind] as Map<number, Entity<K>>;
    const before = memory.current;
    if (before && before.version === version && before.pick === pick && before.table === table) return before.list;
    const fresh = pick(table.values());
    const list = before && equal(before.list, fresh) ? before.list : fresh;
    memory.current = { version, pick, kind, table, list };
    return list;
  }, [kind, pick]);
  return useSyncExternalStore(liveStore.subscribe, select);
}

export interface Selection<K extends Kind> {
  where?: (entity: Entity<K>) => boolean;
  order?: (one: Entity<K>, other: Entity<K>) => number;
}

/** Ids in order; keep the selection outside of the component, or in useMemo. */
export function useIds<K extends Kind>(kind: K, selection: Selection<K>): readonly number[] {
  const { where, order } = selection;
  const pick = useCallback(
    (entities: Iterable<Entity<K>>) => {
      const found = where ? [...entities].filter(where) : [...entities];
      if (order) found.sort((one, other) => order(one, other) || one.id - other.id);
      else found.sort((one, other) => one.id - other.id);
      return found.map((entity) => entity.id);
    },
    [where, order],
  );
  return useSelected(kind, pick);
}

/** How many there are of a kind that fit; keep `where` stable. */
export function useCount<K extends Kind>(kind: K, where: (entity: Entity<K>) => boolean): number {
  const pick = useCallback(
    (entities: Iterable<Entity<K>>) => {
      let count = 0;
      for (const entity of entities) if (where(entity)) count += 1;
      return [count];
    },
    [where],
  );
  return useSelected(kind, pick)[0] ?? 0;
}

export interface Connection {
  state: ConnectionState;
  /** Whether a snapshot has ever come. */
  ready: boolean;
  /** What is shown may be old: no sign of life at this moment. */
  cut: boolean;
}

export function useConnection(): Connection {
  const state = useStore(liveStore, (live) => live.connection);
  const ready = useStore(liveStore, (live) => live.ready);
  return { state, ready, cut: state === "closed" || (ready && state !== "live") };
}

// One timer for all clocks of the page, which tick together.
let tick_ms = Math.floor(serverNow_ms() / 1000) * 1000;
let timer: ReturnType<typeof setInterval> | undefined;
const waiting = new Set<() => void>();

function beat(): void {
  tick_ms = serverNow_ms();
  for (const listener of waiting) listener();
}

function subscribeClock(listener: () => void): () => void {
  waiting.add(listener);
  if (timer === undefined) {
    tick_ms = serverNow_ms();
    timer = setInterval(beat, 1000);
  }
  return () => {
    waiting.delete(listener);
    if (waiting.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** The centre's time in milliseconds since 1970, once a second. */
export function useNow(): number {
  return useSyncExternalStore(subscribeClock, () => tick_ms);
}

/** Who else has this in hand. */
export function useHands(kind: Hand["kind"], id: number | null | undefined): readonly Hand[] {
  const hands = useStore(liveStore, (live) => live.hands);
  return hands.filter((hand) => hand.kind === kind && hand.id === id);
}
