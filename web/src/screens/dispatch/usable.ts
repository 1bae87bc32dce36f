// A recommendation is as old as its moment: who was free then may be at work by now. The centre would refuse; it is shown before.
import type { Mission, MissionState, Unit, UnitCandidate } from "@schema";
import { useCallback } from "react";
import { useSelected } from "@/live/hooks";
import { entityOf } from "@/live/state";

/** Up to here a unit may be diverted to something more urgent. */
const HEADING: readonly MissionState[] = ["assigned", "notified", "acknowledged", "departed"];

/** Whether the unit can still go as it was recommended: free, or still on its way from where it would be taken. */
export function canStillGo(
  unit: Pick<Unit, "state"> | undefined,
  mission: Pick<Mission, "state" | "incident"> | undefined,
  diverts_from: number | null,
): boolean {
  if (!unit) return false;
  if (unit.state === "at_post" || unit.state === "returning") return true;
  return (
    unit.state === "on_mission" && HEADING.includes(mission?.state ?? "ended") && mission?.incident === diverts_from
  );
}

/** The candidates' units that cannot go any more. */
export function useGone(candidates: readonly UnitCandidate[]): ReadonlySet<number> {
  const pick = useCallback(
    () =>
      candidates
        .filter(({ unit, diverts_from }) => {
          const now = entityOf("units", unit);
          return !canStillGo(now, entityOf("missions", now?.mission), diverts_from);
        })
        .map(({ unit }) => unit ?? 0),
    [candidates],
  );
  // A unit that reaches the scene changes its mission only, one that breaks down itself only.
  const byUnits = useSelected("units", pick);
  const byMissions = useSelected("missions", pick);
  return new Set([...byUnits, ...byMissions]);
}
