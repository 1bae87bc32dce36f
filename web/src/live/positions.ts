// Where units are. Outside React: thousands a second may come, and only the map draws them all.
import { serverNow_ms } from "@/live/clock";
import type { PositionItem, Suggested } from "@/live/messages";

export interface UnitPosition {
  unit: number;
  lon: number;
  lat: number;
  /** Measured at this time of the centre, milliseconds since 1970. */
  at_ms: number;
  /** What it suggests that nobody had reported then, and since when. */
  suggested: { what: Suggested; at_ms: number } | null;
}

type Listener = (changed: readonly UnitPosition[]) => void;

const newest = new Map<number, UnitPosition>();
const listeners = new Set<Listener>();

export function takePositions(items: readonly PositionItem[], now_ms = serverNow_ms()): void {
  const changed: UnitPosition[] = [];
  for (const [unit, lon, lat, age_ms, what, ago_ms = 0] of items) {
    const suggested = what ? { what, at_ms: now_ms - ago_ms } : null;
    const position = { unit, lon: lon / 1e7, lat: lat / 1e7, at_ms: now_ms - age_ms, suggested };
    newest.set(unit, position);
    changed.push(position);
  }
  if (changed.length > 0) for (const listener of listeners) listener(changed);
}

export function clearPositions(): void {
  newest.clear();
}

export function positionOf(unit: number): UnitPosition | undefined {
  return newest.get(unit);
}

export function allPositions(): IterableIterator<UnitPosition> {
  return newest.values();
}

/** Calls the listener with what has changed, as it comes (not bound to frames). Returns how to end it. */
export function subscribePositions(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
