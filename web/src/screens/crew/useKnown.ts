import type { Facility } from "@schema";
import { useEffect, useMemo, useState } from "react";
import { useStore } from "zustand";
import { centreStore } from "@/api/centre";
import { sessionStore } from "@/api/session";
import type { Kept } from "@/lib/kept";
import { useEntity, useSelected } from "@/live/hooks";
import { liveStore } from "@/live/state";
import { useKept } from "@/screens/crew/acts";
import {
  crewFacility,
  crewIncident,
  crewMission,
  crewUnit,
  type Known,
  recall,
  remember,
  rememberWays,
} from "@/screens/crew/known";
import { withActs } from "@/screens/crew/stages";

const receiving = (facilities: Iterable<Facility>) => [...facilities].filter((facility) => facility.state !== "shut");

/** In a live centre a crew has its unit in hand; in a drill the exercise does, until somebody takes it. */
function useHeld(person: number, unit: number): boolean {
  const drill = useStore(sessionStore, (session) => session.drill);
  const control = useStore(liveStore, (live) => live.control);
  return !drill || control.some((held) => held.kind === "unit" && held.id === unit && held.actor === person);
}

/** What the live state tells; null before it has come. */
function useLiveKnown(person: number, unitId: number): Known | null {
  const ready = useStore(liveStore, (live) => live.ready);
  const unit = useEntity("units", unitId);
  const mission = useEntity("missions", unit?.mission);
  const incident = useEntity("incidents", mission?.incident);
  const facilities = useSelected("facilities", receiving);
  const held = useHeld(person, unitId);
  const { name, timeZone } = useStore(centreStore);
  return useMemo(() => {
    if (!ready || !unit) return null;
    return {
      person,
      unit: crewUnit(unit),
      mission: mission ? crewMission(mission) : null,
      incident: incident ? crewIncident(incident) : null,
      facilities: facilities.map(crewFacility),
      held,
      centre: name,
      timeZone,
    };
  }, [ready, person, unit, mission, incident, facilities, held, name, timeZone]);
}

/** What this phone knew when it last had the centre: for the time until the centre is there. */
function useRemembered(person: number, live: Known | null): Known | null {
  const [remembered, setRemembered] = useState<Known | null>(null);
  const missing = live === null;
  useEffect(() => {
    if (!missing) return;
    void recall(person).then((known) => {
      setRemembered(known);
      const { name } = centreStore.getState();
      if (known && name === "") centreStore.setState({ name: known.centre, timeZone: known.timeZone });
    });
  }, [person, missing]);
  useEffect(() => {
    if (!live) return;
    void remember(live);
    if (!live.mission) void rememberWays(null);
  }, [live]);
  return remembered;
}

/** The person's acts that the live state does not show yet. */
function useActs(person: number): readonly Kept[] {
  const { items, taken } = useKept();
  return useMemo(
    () => [...taken.map((one) => one.item), ...items].filter((item) => item.person === person && !item.refusal),
    [items, taken, person],
  );
}

export interface Shown {
  /** As it is when everything done here has been taken. */
  known: Known | null;
  acts: readonly Kept[];
  /** Of an earlier page: the live state has not come yet. */
  remembered: boolean;
}

export function useKnown(person: number, unitId: number): Shown {
  const live = useLiveKnown(person, unitId);
  const before = useRemembered(person, live);
  const acts = useActs(person);
  const told = live ?? (before?.unit.id === unitId ? before : null);
  const known = useMemo(() => (told ? withActs(told, acts) : null), [told, acts]);
  return { known, acts, remembered: live === null };
}
