// What a place is called: the nearest road and crossing, asked once a place.
import type { PlaceAround, Point } from "@schema";
import { useEffect, useState } from "react";
import { get } from "@/api/client";

const KEPT = 2000;
/** Rows that fly by while scrolling ask nothing. */
const LOOKED_AT_MS = 150;
const known = new Map<string, PlaceAround>();

function pathOf(point: Point): string {
  return `/api/v1/places/at?lon=${point.lon}&lat=${point.lat}`;
}

/** "Storgatan / Vasaplatsen"; a named place where there is no road; null: nothing is near. */
export function placeName(place: PlaceAround): string | null {
  if (place.road) return place.cross ? `${place.road} / ${place.cross}` : place.road;
  return place.place ?? place.district_name;
}

function read(path: string, signal: AbortSignal): Promise<void> {
  return get<PlaceAround>(path, { signal, tryFor_ms: 0 }).then((place) => {
    if (known.size >= KEPT) known.clear();
    known.set(path, place);
  });
}

/** What is known of the place already; nothing is asked. */
export function knownPlace(point: Point): PlaceAround | null {
  return known.get(pathOf(point)) ?? null;
}

/** Asks for those that are not known, one after the other, so that they are known when nobody can be asked any more. */
export async function learnPlaces(points: readonly Point[], signal: AbortSignal): Promise<void> {
  for (const path of new Set(points.map(pathOf))) {
    if (signal.aborted) return;
    if (!known.has(path)) await read(path, signal);
  }
}

export function usePlace(point: Point | undefined): PlaceAround | null {
  const path = point ? pathOf(point) : null;
  const [, setRead] = useState("");
  useEffect(() => {
    if (path === null || known.has(path)) return undefined;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      read(path, abort.signal).then(
        () => setRead(path),
        () => {}, // coordinates stand there instead
      );
    }, LOOKED_AT_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [path]);
  return path === null ? null : (known.get(path) ?? null);
}

export function coordinates(point: Point): string {
  return `${point.lat.toFixed(5)}, ${point.lon.toFixed(5)}`;
}
