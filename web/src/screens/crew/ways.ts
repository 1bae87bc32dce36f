// Where the order is, and the way there: read when there is network, kept with the order for the time without.
import type { PlaceAround, Point, Way } from "@schema";
import { useCallback, useEffect, useState } from "react";
import { get } from "@/api/client";
import { asProblem, type Problem } from "@/api/problem";
import { type Known, recallWays, rememberWays, type Ways } from "@/screens/crew/known";

export interface Target {
  kind: "scene" | "facility";
  point: Point;
  name: string | null;
}

/** Where the unit has to go now; null: nowhere. */
export function targetOf(known: Known): Target | null {
  const { mission, incident } = known;
  if (!mission || !incident) return null;
  const facility = known.facilities.find((one) => one.id === mission.facility);
  const withPatient = ["on_scene", "at_patient", "left_scene", "at_facility", "handed_over"].includes(mission.state);
  if (withPatient && facility) return { kind: "facility", point: facility.point, name: facility.name };
  return { kind: "scene", point: incident.point, name: null };
}

const lonLat = ({ lon, lat }: Point) => `${lon},${lat}`;

export interface WayHere {
  ways: Ways | null;
  problem: Problem | null;
  /** Reads the way anew, from where the unit is now. */
  again: () => void;
}

function readPlace(point: Point): Promise<PlaceAround> {
  return get<PlaceAround>(`/api/v1/places/at?lon=${point.lon}&lat=${point.lat}`);
}

function readWay(from: Point, to: Point): Promise<Way> {
  return get<Way>(`/api/v1/routes?from=${lonLat(from)}&to=${lonLat(to)}&profile=emergency`);
}

/** Place and ways of the mission that runs; `live`: the centre can be asked. */
export function useWays(known: Known | null, live: boolean): WayHere {
  const [ways, setWays] = useState<Ways | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [round, setRound] = useState(0);
  const mission = known?.mission?.id ?? null;
  const scene = known?.incident?.point;
  const sceneAt = scene ? lonLat(scene) : null;
  const target = known ? targetOf(known) : null;
  const targetAt = target ? lonLat(target.point) : null;
  const change = useCallback((id: number, part: Partial<Ways>) => {
    setWays((before) => {
      const base = before?.mission === id ? before : { mission: id, place: null, scene: null, facility: null };
      const fresh = { ...base, ...part };
      void rememberWays(fresh);
      return fresh;
    });
  }, []);
  useEffect(() => {
    if (mission === null) return setWays(null);
    void recallWays().then((kept) => kept?.mission === mission && setWays((now) => now ?? kept));
  }, [mission]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the place by its coordinates, not by the object
  useEffect(() => {
    if (mission === null || !scene || !live) return;
    readPlace(scene).then(
      (place) => change(mission, { place }),
      () => {},
    );
  }, [mission, sceneAt, live, change]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: where the unit is now matters when it is asked, not before
  useEffect(() => {
    const from = known?.unit.position;
    if (mission === null || !target || !from || !live) return;
    const facility = known?.mission?.facility ?? 0;
    setProblem(null);
    readWay(from, target.point).then(
      (way) => change(mission, target.kind === "scene" ? { scene: way } : { facility: { id: facility, way } }),
      (thrown) => setProblem(asProblem(thrown)),
    );
  }, [mission, targetAt, live, round, change]);
  return { ways, problem, again: useCallback(() => setRound((count) => count + 1), []) };
}

/** The way to where the unit has to go now, if it is known. */
export function wayTo(ways: Ways | null, known: Known): Way | null {
  const target = targetOf(known);
  if (!ways || !target || ways.mission !== known.mission?.id) return null;
  if (target.kind === "scene") return ways.scene;
  return ways.facility?.id === known.mission.facility ? ways.facility.way : null;
}

/** For the phone's own navigator. */
export function geoLink({ lon, lat }: Point): string {
  const place = `${lat.toFixed(6)},${lon.toFixed(6)}`;
  return `geo:${place}?q=${place}`;
}
