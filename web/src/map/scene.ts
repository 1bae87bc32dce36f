// What the map shows beside the city, and what of it lies under a point of the screen. Plain data: no React, no drawing.
import type { MapFacility, MapIncident, MapMark, MapPost, MapUnit, Target } from "@/map/types";

export interface Scene {
  units: readonly MapUnit[];
  incidents: readonly MapIncident[];
  facilities: readonly MapFacility[];
  posts: readonly MapPost[];
  marks: readonly MapMark[];
}

export const EMPTY_SCENE: Scene = { units: [], incidents: [], facilities: [], posts: [], marks: [] };

/** Position and age are told the more the older they are: fresh, then fading, then old with its minutes. */
export const FADE_FROM_S = 30;
export const OLD_FROM_S = 90;

/** 1 while fresh, down to 0.4. */
export function freshness(age_s: number | null): number {
  if (age_s === null || age_s <= FADE_FROM_S) return 1;
  return Math.max(0.4, 1 - (0.6 * (age_s - FADE_FROM_S)) / (5 * 60));
}

export type Project = (lon: number, lat: number) => { x: number; y: number };
type Found = { target: Target; distance: number };

const REACH = 16;
// Nearer by so many pixels counts an incident than a hospital: the smaller lies on top.
const HANDICAP: Record<Target["kind"], number> = { incident: 0, unit: 1, facility: 4, post: 6 };

/** The nearest target within reach of a pixel. */
export function targetAt(
  scene: Scene,
  placeOf: (unit: MapUnit) => readonly [number, number] | undefined,
  project: Project,
  at: { x: number; y: number },
  reach = REACH,
): Target | null {
  let best: Found | null = null;
  const offer = (target: Target, lon: number, lat: number) => {
    const point = project(lon, lat);
    const away = Math.hypot(point.x - at.x, point.y - at.y);
    const distance = away + HANDICAP[target.kind];
    if (away <= reach && (!best || distance < best.distance)) best = { target, distance };
  };
  for (const one of scene.posts) offer({ kind: "post", id: one.id }, one.point.lon, one.point.lat);
  for (const one of scene.facilities) offer({ kind: "facility", id: one.id }, one.point.lon, one.point.lat);
  for (const one of scene.incidents) offer({ kind: "incident", id: one.id }, one.point.lon, one.point.lat);
  for (const one of scene.units) {
    const place = placeOf(one);
    if (place) offer({ kind: "unit", id: one.id }, place[0], place[1]);
  }
  return (best as Found | null)?.target ?? null;
}
