import type { PlaceAround, PlaceFound, PlacesFound, Point } from "@schema";
import { useEffect, useState } from "react";
import { get } from "@/api/client";
import { asProblem, type Problem } from "@/api/problem";

/** So long must typing pause before the centre is asked. */
const PAUSE_MS = 120;
const LIMIT = 8;

export interface PlaceSearch {
  /** For the text that was searched; null while nothing has come. */
  items: readonly PlaceFound[] | null;
  searched: string;
  problem: Problem | null;
}

const NOTHING: PlaceSearch = { items: null, searched: "", problem: null };

export function pointText(point: Point): string {
  return `${point.lat.toFixed(5)}, ${point.lon.toFixed(5)}`;
}

/** Places for what is typed, those near the last place first. */
export function usePlaces(text: string, near: Point | null, gcj02: boolean): PlaceSearch {
  const [found, setFound] = useState<PlaceSearch>(NOTHING);
  const query = text.trim();
  const around = near ? `&near=${near.lon},${near.lat}` : "";
  useEffect(() => {
    if (query === "") {
      setFound(NOTHING);
      return undefined;
    }
    const abort = new AbortController();
    const datum = gcj02 ? "&datum=gcj02" : "";
    const path = `/api/v1/places?q=${encodeURIComponent(query)}&limit=${LIMIT}${around}${datum}`;
    const timer = setTimeout(() => {
      get<PlacesFound>(path, { signal: abort.signal }).then(
        ({ items }) => setFound({ items, searched: query, problem: null }),
        (thrown) => abort.signal.aborted || setFound({ items: null, searched: query, problem: asProblem(thrown) }),
      );
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [query, around, gcj02]);
  return query === "" ? NOTHING : found;
}

/** What is at the place: the road, a name near by. */
export function usePlaceAt(point: Point | null): PlaceAround | null {
  const [around, setAround] = useState<PlaceAround | null>(null);
  const [lon, lat] = [point?.lon, point?.lat];
  useEffect(() => {
    setAround(null);
    if (lon === undefined || lat === undefined) return undefined;
    const abort = new AbortController();
    // Without it the coordinates are shown.
    get<PlaceAround>(`/api/v1/places/at?lon=${lon}&lat=${lat}`, { signal: abort.signal }).then(setAround, () => {});
    return () => abort.abort();
  }, [lon, lat]);
  return around;
}
