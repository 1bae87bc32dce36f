// What stands on a printed board: the last state that this browser heard of, and of when it is. No caller and no patient.
import type { Call, Facility, Incident, Mission, Unit } from "@schema";
import { clockSpeed, serverNow_ms } from "@/live/clock";
import { isOpen } from "@/live/open";
import { allPositions, type UnitPosition } from "@/live/positions";
import { liveStore } from "@/live/state";

export interface BoardState {
  /** When the centre was heard last, by its own clock. */
  asOf_ms: number;
  printed_ms: number;
  /** Nothing is heard from the centre now. */
  cut: boolean;
  calls: readonly Call[];
  incidents: readonly Incident[];
  missions: readonly Mission[];
  units: readonly Unit[];
  facilities: readonly Facility[];
  positions: ReadonlyMap<number, UnitPosition>;
}

const PRIORITIES = ["critical", "severe", "urgent", "non_urgent"];
const DUTY = ["at_post", "returning", "on_mission", "out_of_service", "off_duty"];

function byCode(one: { code: string }, other: { code: string }): number {
  return one.code.localeCompare(other.code, "en", { numeric: true });
}

function byNeed(one: Incident, other: Incident): number {
  return PRIORITIES.indexOf(one.priority) - PRIORITIES.indexOf(other.priority) || one.id - other.id;
}

/** Those that can be reached first; who is off duty last. */
export function byDuty(one: Unit, other: Unit): number {
  const rank = ({ state }: Unit) => (DUTY.indexOf(state) >= 3 ? DUTY.indexOf(state) : 0);
  return rank(one) - rank(other) || byCode(one, other);
}

export function boardState(here_ms = performance.now()): BoardState {
  const { tables, connection, heardAt_ms } = liveStore.getState();
  const printed_ms = serverNow_ms();
  const cut = connection !== "live";
  const open = <T>(kind: "calls" | "incidents" | "missions", all: Iterable<T>) =>
    [...all].filter((one) => isOpen(kind, one as never));
  return {
    asOf_ms: cut && heardAt_ms > 0 ? printed_ms - (here_ms - heardAt_ms) * clockSpeed() : printed_ms,
    printed_ms,
    cut,
    calls: open("calls", tables.calls.values()).sort((one, other) => one.id - other.id),
    incidents: open("incidents", tables.incidents.values()).sort(byNeed),
    missions: open("missions", tables.missions.values()).sort((one, other) => one.id - other.id),
    units: [...tables.units.values()].filter((unit) => !unit.retired).sort(byDuty),
    facilities: [...tables.facilities.values()].sort(byCode),
    positions: new Map([...allPositions()].map((position) => [position.unit, position])),
  };
}
