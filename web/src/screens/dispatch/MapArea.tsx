import type { Incident, Way } from "@schema";
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { get } from "@/api/client";
import { useEntity } from "@/live/hooks";
import { positionOf } from "@/live/positions";
import { entityOf } from "@/live/state";
import { type MapRoute, MapView, type Target } from "@/map";
import { setQuery, useQueryId } from "@/shell/router";

const ROUTES_MAX = 3;

interface End {
  lon: number;
  lat: number;
}

/** Who is looked at: those on their way, else the first of the recommendation. */
function unitsOf(incident: Incident | undefined): number[] {
  if (!incident) return [];
  const sent = incident.missions.map(({ unit }) => unit).filter((unit) => unit !== null);
  return (incident.state === "recommended" ? incident.recommended : sent).slice(0, ROUTES_MAX);
}

async function routeOf(from: End, to: End, signal: AbortSignal): Promise<MapRoute | null> {
  try {
    const way = await get<Way>(`/api/v1/routes?from=${from.lon},${from.lat}&to=${to.lon},${to.lat}`, {
      signal,
      tryFor_ms: 0,
    });
    return { points: way.points as [number, number][] };
  } catch {
    return null; // the map does without
  }
}

/** The ways of the candidates, or of those who drive, to the incident; asked anew when who it is has changed. */
function useRoutes(to: End | null, units: string): readonly MapRoute[] {
  const [routes, setRoutes] = useState<readonly MapRoute[]>([]);
  useEffect(() => {
    setRoutes([]);
    if (!to || units === "") return undefined;
    const abort = new AbortController();
    const ways = units.split(",").map(async (unit, index) => {
      const from = positionOf(Number(unit));
      const way = from ? await routeOf(from, to, abort.signal) : null;
      return way ? { ...way, strong: index === 0 } : null;
    });
    Promise.all(ways).then((all) => {
      if (!abort.signal.aborted) setRoutes(all.filter((way) => way !== null));
    });
    return () => abort.abort();
  }, [to, units]);
  return routes;
}

/** The same place as long as its figures are the same. */
function useStable(lon: number | undefined, lat: number | undefined): End | null {
  return useMemo(() => (lon === undefined || lat === undefined ? null : { lon, lat }), [lon, lat]);
}

/** Where it is, who could come, and by which way. */
export function MapArea({ selected }: { selected: number | null }) {
  const { t } = useTranslation("dispatch");
  const [unit] = useQueryId("unit");
  const incident = useEntity("incidents", selected);
  const units = unitsOf(incident).join(",");
  const point = useStable(incident?.point.lon, incident?.point.lat);
  const routes = useRoutes(point, units);
  const fit = useMemo(() => {
    if (!point) return null;
    const ends = units.split(",").map((id) => positionOf(Number(id)));
    return [point, ...ends.filter((end) => end !== undefined).map(({ lon, lat }) => ({ lon, lat }))];
  }, [point, units]);
  const target = useMemo<Target | null>(() => {
    if (selected !== null) return { kind: "incident", id: selected };
    return unit === null ? null : { kind: "unit", id: unit };
  }, [selected, unit]);
  const choose = (chosen: Target | null) => {
    if (chosen?.kind === "incident" && entityOf("incidents", chosen.id))
      setQuery({ incident: chosen.id, mission: null });
    if (chosen?.kind === "unit") setQuery({ unit: chosen.id });
  };
  return (
    <MapView
      label={t("map.label")}
      units="live"
      incidents="live"
      selected={target}
      onSelect={choose}
      routes={routes}
      fit={fit}
    />
  );
}
