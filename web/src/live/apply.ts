// Puts messages into the store. Entities are put into their Maps at once; React hears of it once a frame.
import { setClock } from "@/live/clock";
import type { ChangeMessage, ClockMessage, LiveEvent, LiveMessage, SnapshotMessage } from "@/live/messages";
import { isOpen } from "@/live/open";
import { clearPositions, takePositions } from "@/live/positions";
import { type Entity, KINDS, type Kind, type LiveState, liveStore, resetLive } from "@/live/state";

/** Of each kind, so many that are over are kept for whoever still looks at them. */
const KEPT_OVER = 400;
/** How often a hidden page is brought up to date. */
const HIDDEN_EVERY_MS = 100;

type EventListener = (events: readonly LiveEvent[]) => void;

const touched = new Set<Kind>();
let pending: Partial<LiveState> = {};
let cancelScheduled: (() => void) | null = null;
const eventListeners = new Set<EventListener>();

/** The events as they come, for sounds and notices; a snapshot has none. */
export function subscribeEvents(listener: EventListener): () => void {
  eventListeners.add(listener);
  return () => eventListeners.delete(listener);
}

function cancel(): void {
  cancelScheduled?.();
  cancelScheduled = null;
}

/** Publishes what has come since the last frame. */
export function publish(): void {
  cancel();
  const versions = { ...liveStore.getState().versions };
  for (const kind of touched) versions[kind] += 1;
  touched.clear();
  const state = pending;
  pending = {};
  liveStore.setState({ ...state, versions });
}

/** Back to the beginning, as when somebody has signed out: nothing of before may appear any more. */
export function forgetLive(): void {
  cancel();
  touched.clear();
  pending = {};
  clearPositions();
  resetLive();
}

// A hidden tab has no frames, and its figures must not stand still for whoever comes back to it.
function schedule(): void {
  if (cancelScheduled) return;
  if (document.hidden) {
    const timer = setTimeout(publish, HIDDEN_EVERY_MS);
    cancelScheduled = () => clearTimeout(timer);
  } else {
    const frame = requestAnimationFrame(publish);
    cancelScheduled = () => cancelAnimationFrame(frame);
  }
}

function later(state: Partial<LiveState>): void {
  Object.assign(pending, state);
  schedule();
}

function putAll<K extends Kind>(kind: K, entities: readonly Entity<K>[] | undefined): void {
  if (!entities || entities.length === 0) return;
  const table = liveStore.getState().tables[kind] as Map<number, Entity<K>>;
  for (const entity of entities) table.set(entity.id, entity);
  touched.add(kind);
  dropOldest(kind, table);
}

function dropOldest<K extends Kind>(kind: K, table: Map<number, Entity<K>>): void {
  if (table.size <= KEPT_OVER || kind === "units" || kind === "posts" || kind === "facilities") return;
  const over = [...table.values()].filter((entity) => !isOpen(kind, entity));
  if (over.length <= KEPT_OVER) return;
  over.sort((one, other) => one.id - other.id);
  for (const entity of over.slice(0, over.length - KEPT_OVER / 2)) table.delete(entity.id);
}

/** Puts one entity in that was read beside the stream. */
export function putEntity<K extends Kind>(kind: K, entity: Entity<K>): void {
  putAll(kind, [entity]);
  schedule();
}

function applySnapshot(message: SnapshotMessage): void {
  const { tables } = liveStore.getState();
  for (const kind of KINDS) {
    tables[kind].clear();
    touched.add(kind);
    putAll(kind, message.state[kind] as Entity<typeof kind>[] | undefined);
  }
  clearPositions();
  takePositions(message.state.positions ?? []);
  const { sequence, fingerprint } = message;
  if (message.reset) later({ lost: { ...liveStore.getState(), ...pending }.lost + 1 });
  later({ sequence, fingerprint, ready: true, control: message.state.control ?? [] });
}

function applyChange(message: ChangeMessage): void {
  for (const kind of KINDS) {
    putAll(kind, message[kind] as Entity<typeof kind>[] | undefined);
    for (const id of message.gone?.[kind] ?? []) {
      liveStore.getState().tables[kind].delete(id);
      touched.add(kind);
    }
  }
  later({ sequence: message.sequence, fingerprint: message.fingerprint });
  if (message.events) for (const listener of eventListeners) listener(message.events);
}

/** After a snapshot that begins anew the number may be a smaller one than what is still shown. */
function applyClock({ sequence, fingerprint }: ClockMessage): void {
  const known = pending.sequence ?? liveStore.getState().sequence;
  if (sequence >= known) later({ sequence, fingerprint });
}

export function applyMessage(message: LiveMessage): void {
  if ("now" in message) setClock(message.now, message.speed);
  switch (message.type) {
    case "snapshot":
      return applySnapshot(message);
    case "change":
      return applyChange(message);
    case "positions":
      return takePositions(message.items);
    case "control":
      return later({ control: message.items });
    case "hands":
      return later({ hands: message.items });
    case "clock":
    case "pong":
      return applyClock(message);
    default:
      return;
  }
}
