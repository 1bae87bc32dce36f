// Open incidents that a caller may mean as well: near, and not long ago.
import type { Incident, Point } from "@schema";

export interface Nearby {
  id: number;
  metres: number;
  /** So near and so new that it is likely the same. */
  likely: boolean;
}

const METRES_PER_DEGREE = 111_195;
const NEAR_M = 1_500;
const SAME_M = 200;
const SAME_S = 1_800;
/** An hour of age weighs as much as so many metres. */
const METRES_AN_HOUR = 1_000;
const SHOWN = 6;

/** Metres between two places of one city: flat is good enough. */
export function metresBetween(one: Point, other: Point): number {
  const shrink = Math.cos(((one.lat + other.lat) / 2) * (Math.PI / 180));
  return Math.hypot(one.lat - other.lat, (one.lon - other.lon) * shrink) * METRES_PER_DEGREE;
}

export function nearbyOf(incidents: Iterable<Incident>, point: Point, except: number | null, now_ms: number): Nearby[] {
  const found: (Nearby & { weight: number })[] = [];
  for (const incident of incidents) {
    if (incident.state === "closed" || incident.id === except) continue;
    const metres = metresBetween(incident.point, point);
    if (metres > NEAR_M) continue;
    const age_s = Math.max(0, (now_ms - Date.parse(incident.offered_at ?? incident.opened_at ?? "")) / 1000) || 0;
    const likely = metres <= SAME_M && age_s <= SAME_S;
    found.push({ id: incident.id, metres, likely, weight: metres + (age_s / 3600) * METRES_AN_HOUR });
  }
  found.sort((one, other) => one.weight - other.weight || one.id - other.id);
  return found.slice(0, SHOWN).map(({ id, metres, likely }) => ({ id, metres, likely }));
}
