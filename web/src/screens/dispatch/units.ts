// Units by what they do: those that can go first.
import type { Unit, UnitState } from "@schema";

export const UNIT_FILTERS = ["duty", "free", "busy", "out"] as const;
export type UnitFilter = (typeof UNIT_FILTERS)[number];

const ORDER: readonly UnitState[] = ["at_post", "returning", "on_mission", "out_of_service", "off_duty"];
const STATES: Record<UnitFilter, readonly UnitState[]> = {
  duty: ["at_post", "returning", "on_mission"],
  free: ["at_post", "returning"],
  busy: ["on_mission"],
  out: ["out_of_service", "off_duty"],
};

export function unitPasses(unit: Unit, filter: UnitFilter): boolean {
  return !unit.retired && STATES[filter].includes(unit.state);
}

export function byState(one: Unit, other: Unit): number {
  return ORDER.indexOf(one.state) - ORDER.indexOf(other.state) || (one.code < other.code ? -1 : 1);
}
