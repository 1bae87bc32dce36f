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

export interface Placed {
  place: readonly [number, number];
  offset: readonly [number, number];
}

const ROW_PIXELS = 21;
const BESIDE_PIXELS = 13;

/**
 * Units that stand at one place are drawn beside each other: in rows below its sign where their codes are shown, else close
 * together. At a scene they stand clear of the incident's sign. Keyed by unit; who is not in it stands where it is.
 */
export function stack(units: readonly MapUnit[], withCodes: boolean): Map<number, readonly [number, number]> {
  const counts = new Map<string, number>();
  const offsets = new Map<number, readonly [number, number]>();
  for (const { id, look, group } of units) {
    if (group === undefined) continue;
    const before = counts.get(group) ?? 0;
    counts.set(group, before + 1);
    const clear = look === "scene" ? 1 : 0;
    const beside = BESIDE_PIXELS * (before + clear);
    offsets.set(id, withCodes ? [0, ROW_PIXELS * (before + 1)] : [beside, BESIDE_PIXELS * clear]);
  }
  return offsets;
}

/** Where something that does not move is drawn; null: the map does not show it. */
export function spotOf(scene: Scene, kind: Exclude<Target["kind"], "unit">, id: number): Placed | null {
  const list = { incident: scene.incidents, facility: scene.facilities, post: scene.posts }[kind];
  const found = list.find((one) => one.id === id);
  return found ? { place: [found.point.lon, found.point.lat], offset: [0, 0] } : null;
}

export type Project = (lon: number, lat: number) => { x: number; y: number };
type Found = { target: Target; distance: number };

const REACH = 16;
// Nearer by so many pixels counts an incident than a hospital: the smaller lies on top.
const HANDICAP: Record<Target["kind"], number> = { incident: 0, unit: 1, facility: 4, post: 6 };

/** The nearest target within reach of a pixel. */
export function targetAt(
  scene: Scene,
  placeOf: (unit: MapUnit) => Placed | undefined,
  project: Project,
  at: { x: number; y: number },
  reach = REACH,
): Target | null {
  let best: Found | null = null;
  const offer = (target: Target, lon: number, lat: number, offset: readonly [number, number] = [0, 0]) => {
    const point = project(lon, lat);
    const away = Math.hypot(point.x + offset[0] - at.x, point.y + offset[1] - at.y);
    const distance = away + HANDICAP[target.kind];
    if (away <= reach && (!best || distance < best.distance)) best = { target, distance };
  };
  for (const one of scene.posts) offer({ kind: "post", id: one.id }, one.point.lon, one.point.lat);
  for (const one of scene.facilities) offer({ kind: "facility", id: one.id }, one.point.lon, one.point.lat);
  for (const one of scene.incidents) offer({ kind: "incident", id: one.id }, one.point.lon, one.point.lat);
  for (const one of scene.units) {
    const place = placeOf(one);
    if (place) offer({ kind: "unit", id: one.id }, place.place[0], place.place[1], place.offset);
  }
  return (best as Found | null)?.target ?? null;
}
