// Who comes to a hospital, in which order, and what is still to be done about it.
import type { Mission, NeedSetLabel } from "@schema";
import { needSetValues } from "@schema";

/** At the door; on the way with a patient; at the patient, the hospital already chosen; on the way to the patient. */
export type Stage = "door" | "coming" | "scene" | "outbound";

/** Handover is measured against this (NHS England; schema/indicators.toml: handover_15min). */
export const HANDOVER_TARGET_S = 900;

export function stageOf(mission: Mission): Stage | null {
  switch (mission.state) {
    case "at_facility":
      return "door";
    case "left_scene":
      return "coming";
    case "on_scene":
    case "at_patient":
      return "scene";
    case "handed_over":
    case "ended":
      return null;
    default:
      return "outbound";
  }
}

export function comesTo(mission: Mission, facility: number): boolean {
  return mission.facility === facility && stageOf(mission) !== null;
}

/** The hospital was told of the patient and has not said that it knows. */
export function isDemanding(mission: Mission): boolean {
  return mission.prealert_at !== null && mission.prealert_acknowledged_at === null && stageOf(mission) !== null;
}

function instant(text: string | null | undefined): number {
  return text ? Date.parse(text) : Number.POSITIVE_INFINITY;
}

/** When the patient comes through the door; null as long as nobody can know. */
export function expectedAt(mission: Mission): string | null {
  return mission.state === "left_scene" ? mission.expected_at : null;
}

/** Since when the patient has been at the door, as the crew reported it. */
export function arrivedAt(mission: Mission): string | null {
  return mission.state === "at_facility" ? mission.at_facility_at : null;
}

const STAGES: readonly Stage[] = ["door", "coming", "scene", "outbound"];

/** Who is at the door first, longest first; then by arrival; then whose arrival is not known yet, in the order of the pre-alerts. */
export function inOrderOfArrival(one: Mission, other: Mission): number {
  const [stage, otherStage] = [stageOf(one), stageOf(other)];
  if (stage !== otherStage) return STAGES.indexOf(stage ?? "outbound") - STAGES.indexOf(otherStage ?? "outbound");
  const key =
    stage === "door" ? arrivedAt : stage === "coming" ? expectedAt : (mission: Mission) => mission.prealert_at;
  const [a, b] = [instant(key(one)), instant(key(other))];
  return a === b ? one.id - other.id : a < b ? -1 : 1;
}

/** What the patient needs here: what was asked of the hospital, and what the crew found. */
export function pathwaysOf(mission: Mission): NeedSetLabel[] {
  const all = new Set<NeedSetLabel>([...mission.needs, ...(mission.patient?.main_problem ?? [])]);
  return needSetValues.filter((need) => all.has(need));
}
