// What a unit's positions suggest, as long as it still fits what has been reported. Only a person's press makes it a report.
import type { MissionState, UnitState } from "@schema";
import { useNow } from "@/live/hooks";
import type { Suggested } from "@/live/messages";
import { positionOf } from "@/live/positions";

const ON_ITS_WAY = ["assigned", "notified", "acknowledged", "departed"] as const;

/** In which states of its mission each has a meaning. */
const FITS: Record<Exclude<Suggested, "reach_post">, readonly MissionState[]> = {
  depart: ["assigned", "notified", "acknowledged"],
  near_scene: ["departed"],
  arrive: ON_ITS_WAY,
  leave_scene: ["on_scene", "at_patient"],
  reach_facility: ["left_scene"],
};

export interface Suggestion {
  what: Suggested;
  /** When the fence was crossed: the time of the report, if it is sent. */
  at_ms: number;
}

export interface Reported {
  unit: { id: number; state: UnitState };
  mission: { state: MissionState } | null | undefined;
}

export function suggestionOf({ unit, mission }: Reported): Suggestion | null {
  const suggested = positionOf(unit.id)?.suggested;
  if (!suggested) return null;
  const fits =
    suggested.what === "reach_post"
      ? unit.state === "returning"
      : !!mission && FITS[suggested.what].includes(mission.state);
  return fits ? suggested : null;
}

/** Looked at once a second: positions do not wake React. */
export function useSuggestion(reported: Reported): Suggestion | null {
  useNow();
  return suggestionOf(reported);
}
