// The city in a few figures, out of what the stream has told. Plain functions of lists: reckoned once a second.
import {
  type Alarm,
  type AlarmKind,
  type BedKind,
  type Call,
  type Facility,
  type FacilityState,
  type Incident,
  type Mission,
  type Priority,
  priorityValues,
  type Unit,
} from "@schema";

type List<T> = Iterable<T>;

function instant(text: string | null | undefined): number | null {
  return text ? Date.parse(text) : null;
}

function waited_s(since: string | null | undefined, now_ms: number): number {
  const begin = instant(since);
  return begin === null ? 0 : Math.max(0, (now_ms - begin) / 1000);
}

export interface Load {
  ringing: number;
  longestRing_s: number;
  talking: number;
  /** Gave up before an answer, and are to be called back. */
  callBack: number;
}

export function loadOf(calls: List<Call>, now_ms: number): Load {
  const load: Load = { ringing: 0, longestRing_s: 0, talking: 0, callBack: 0 };
  for (const call of calls) {
    if (call.state === "offered") {
      load.ringing += 1;
      load.longestRing_s = Math.max(load.longestRing_s, waited_s(call.offered_at, now_ms));
    } else if (call.state === "answered" || call.state === "located") load.talking += 1;
    else if (call.state === "abandoned") load.callBack += 1;
  }
  return load;
}

export interface Waiting {
  priority: Priority;
  count: number;
  /** From the first ring, which the clock runs from. */
  longest_s: number;
  /** Beyond their target already. */
  overdue: number;
}

function waits(incident: Incident): boolean {
  return incident.state === "asking" || incident.state === "recommended" || incident.state === "queued";
}

/** Incidents that wait for a unit, most urgent first; a line for each priority, also where nobody waits. */
export function queueOf(incidents: List<Incident>, now_ms: number): Waiting[] {
  const lines = new Map<Priority, Waiting>(
    priorityValues.map((priority) => [priority, { priority, count: 0, longest_s: 0, overdue: 0 }]),
  );
  for (const incident of incidents) {
    const line = lines.get(incident.priority);
    if (!line || !waits(incident)) continue;
    line.count += 1;
    line.longest_s = Math.max(line.longest_s, waited_s(incident.offered_at ?? incident.opened_at, now_ms));
    const due = instant(incident.response_due_at);
    if (due !== null && due < now_ms) line.overdue += 1;
  }
  return [...lines.values()];
}

export const UNIT_GROUPS = [
  "at_post",
  "returning",
  "to_scene",
  "scene",
  "to_facility",
  "at_facility",
  "out_of_service",
] as const;
export type UnitGroup = (typeof UNIT_GROUPS)[number];

function groupOf(unit: Unit, mission: Mission | undefined): UnitGroup | null {
  if (unit.retired || unit.state === "off_duty") return null;
  if (unit.state !== "on_mission") return unit.state;
  switch (mission?.state) {
    case "on_scene":
    case "at_patient":
      return "scene";
    case "left_scene":
      return "to_facility";
    case "at_facility":
    case "handed_over":
      return "at_facility";
    default:
      return "to_scene";
  }
}

export interface UnitCounts {
  counts: Record<UnitGroup, number>;
  onDuty: number;
}

export function unitsOf(units: List<Unit>, missions: ReadonlyMap<number, Mission>): UnitCounts {
  const counts = Object.fromEntries(UNIT_GROUPS.map((group) => [group, 0])) as Record<UnitGroup, number>;
  let onDuty = 0;
  for (const unit of units) {
    const group = groupOf(unit, unit.mission === null ? undefined : missions.get(unit.mission));
    if (!group) continue;
    counts[group] += 1;
    onDuty += 1;
  }
  return { counts, onDuty };
}

export interface HospitalLine {
  id: number;
  name: string;
  state: FacilityState;
  until: string | null;
  /** Free beds of the kind that patients come to; null: not counted. */
  free: number | null;
  counted_at: string | null;
  coming: number;
}

const BED: BedKind = "emergency";
const STATES: readonly FacilityState[] = ["shut", "diverting", "open"];

function hospitalLine(facility: Facility): HospitalLine {
  const beds = facility.beds.find((one) => one.kind === BED);
  return {
    id: facility.id,
    name: facility.name || facility.code,
    state: facility.state,
    until: facility.diverting_until,
    free: beds?.available ?? null,
    counted_at: beds?.counted_at ?? null,
    coming: 0,
  };
}

/** Those that cannot receive first, then those with the fewest free beds. */
export function hospitalsOf(facilities: List<Facility>, missions: List<Mission>): HospitalLine[] {
  const lines = new Map([...facilities].map((facility) => [facility.id, hospitalLine(facility)]));
  for (const mission of missions) {
    const line = mission.facility === null ? undefined : lines.get(mission.facility);
    if (line && mission.state !== "ended" && mission.state !== "handed_over") line.coming += 1;
  }
  const free = (line: HospitalLine) => line.free ?? Number.POSITIVE_INFINITY;
  return [...lines.values()].sort(
    (one, other) =>
      STATES.indexOf(one.state) - STATES.indexOf(other.state) ||
      (free(one) === free(other) ? one.id - other.id : free(one) < free(other) ? -1 : 1),
  );
}

export interface AlarmLine {
  kind: AlarmKind;
  /** That nobody sees to yet. */
  raised: number;
  count: number;
  oldest_s: number;
}

/** Standing alarms by kind: those that nobody has acknowledged first, then the oldest. */
export function alarmsOf(alarms: List<Alarm>, now_ms: number): AlarmLine[] {
  const lines = new Map<AlarmKind, AlarmLine>();
  for (const alarm of alarms) {
    if (alarm.state === "cleared") continue;
    const line = lines.get(alarm.kind) ?? { kind: alarm.kind, raised: 0, count: 0, oldest_s: 0 };
    line.count += 1;
    if (alarm.state === "raised") line.raised += 1;
    line.oldest_s = Math.max(line.oldest_s, waited_s(alarm.raised_at, now_ms));
    lines.set(alarm.kind, line);
  }
  const order = (line: AlarmLine) => (line.raised > 0 ? 0 : 1);
  return [...lines.values()].sort((one, other) => order(one) - order(other) || other.oldest_s - one.oldest_s);
}

/** The first so many, and how many more there are. */
export function firstOf<T>(list: readonly T[], most: number): { shown: readonly T[]; more: number } {
  if (list.length <= most) return { shown: list, more: 0 };
  return { shown: list.slice(0, most - 1), more: list.length - most + 1 };
}
