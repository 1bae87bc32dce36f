// What the roads answer: areas reached, coverage, ways, and where calls come from. Asked for while it is shown.
import type { Coverage, Point } from "@schema";
import { useCallback, useEffect, useState } from "react";
import { get } from "@/api/client";
import { asProblem } from "@/api/problem";
import { positionOf } from "@/live/positions";
import { entityOf } from "@/live/state";
import type { HeatCell, MapRoute, MapShapes, Target } from "@/map";
import { notifyProblem } from "@/shell/notices";

const AGAIN_MS = 20_000;
export const ISOCHRONE_MINUTES = [4, 8, 12];
export const COVERAGE_MINUTES = 8;
const DEMAND_DAYS = 28;

/** Reads while there is an address, again and again if wished; null when there is none. */
function useRead<T>(path: string | null, again_ms?: number): T | null {
  const [held, setHeld] = useState<{ path: string; value: T } | null>(null);
  useEffect(() => {
    if (!path) return;
    const ended = new AbortController();
    let first = true;
    const read = async () => {
      try {
        const value = await get<T>(path, { signal: ended.signal, tryFor_ms: 5_000 });
        setHeld({ path, value });
      } catch (thrown) {
        if (!ended.signal.aborted && first) notifyProblem(asProblem(thrown));
      }
      first = false;
    };
    void read();
    const timer = again_ms ? setInterval(read, again_ms) : undefined;
    return () => {
      clearInterval(timer);
      ended.abort();
    };
  }, [path, again_ms]);
  return held && held.path === path ? held.value : null;
}

export interface CoverageShown {
  shapes: MapShapes;
  units: number;
  share: number | null;
}

export function useCoverage(shown: boolean): CoverageShown | null {
  const read = useRead<Coverage>(shown ? `/api/v1/coverage?minutes=${COVERAGE_MINUTES}` : null, AGAIN_MS);
  const [held, setHeld] = useState<CoverageShown | null>(null);
  useEffect(() => {
    setHeld(read ? { shapes: read, units: read.units, share: read.share } : null);
  }, [read]);
  return held;
}

export function useDemand(shown: boolean): readonly HeatCell[] | null {
  return useRead<{ cells: HeatCell[] }>(shown ? `/api/v1/demand?days=${DEMAND_DAYS}` : null)?.cells ?? null;
}

export function pointOf(target: Target | null): Point | null {
  if (!target) return null;
  if (target.kind === "unit") return positionOf(target.id) ?? entityOf("units", target.id)?.position ?? null;
  if (target.kind === "incident") return entityOf("incidents", target.id)?.point ?? null;
  if (target.kind === "facility") return entityOf("facilities", target.id)?.point ?? null;
  return entityOf("posts", target.id)?.point ?? null;
}

const pair = ({ lon, lat }: Point) => `${lon.toFixed(6)},${lat.toFixed(6)}`;

/** Around what is selected, else around the place that was found; it does not run after a unit that drives on. */
export function useIsochrones(shown: boolean, selected: Target | null, place: Point | null): MapShapes | null {
  const [path, setPath] = useState<string | null>(null);
  useEffect(() => {
    const point = pointOf(selected) ?? place;
    const minutes = ISOCHRONE_MINUTES.join();
    setPath(shown && point ? `/api/v1/isochrones?at=${pair(point)}&minutes=${minutes}` : null);
  }, [shown, selected, place]);
  return useRead<MapShapes>(path);
}

/** Where a unit on its way is heading. */
function wayOf(unit: number): string | null {
  const mission = entityOf("missions", entityOf("units", unit)?.mission);
  const from = pointOf({ kind: "unit", id: unit });
  if (!mission || !from) return null;
  const toFacility = mission.state === "left_scene";
  if (!toFacility && !["assigned", "notified", "acknowledged", "departed"].includes(mission.state)) return null;
  const to = toFacility
    ? entityOf("facilities", mission.facility)?.point
    : entityOf("incidents", mission.incident)?.point;
  return to ? `/api/v1/routes?from=${pair(from)}&to=${pair(to)}&profile=emergency` : null;
}

function waysOf(selected: Target | null): string[] {
  if (selected?.kind === "unit") return [wayOf(selected.id)].filter((path) => path !== null);
  if (selected?.kind !== "incident") return [];
  const missions = entityOf("incidents", selected.id)?.missions ?? [];
  return missions.map(({ unit }) => (unit === null ? null : wayOf(unit))).filter((path) => path !== null);
}

const ROUTES_MAX = 6;

/** The ways of the selected unit, or of all units that are going to the selected incident. */
export function useRoutes(selected: Target | null): readonly MapRoute[] {
  const [routes, setRoutes] = useState<readonly MapRoute[]>([]);
  const read = useCallback(async (target: Target | null, signal: AbortSignal) => {
    const answers = await Promise.allSettled(
      waysOf(target)
        .slice(0, ROUTES_MAX)
        .map((path) => get<{ points: [number, number][] }>(path, { signal, tryFor_ms: 0 })),
    );
    if (signal.aborted) return;
    const found = answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : []));
    setRoutes(found.map(({ points }) => ({ points, strong: true })));
  }, []);
  useEffect(() => {
    const ended = new AbortController();
    setRoutes([]);
    void read(selected, ended.signal);
    const timer = setInterval(() => void read(selected, ended.signal), AGAIN_MS / 2);
    return () => {
      clearInterval(timer);
      ended.abort();
    };
  }, [selected, read]);
  return routes;
}
