// Which incident comes first: what still needs a unit, the more urgent, the one whose target ends sooner.
import { type Alarm, type Incident, priorityValues } from "@schema";

/** all: what is open. decide: somebody has to do something. running: units are on the way or there. alarms: one stands. */
export const FILTERS = ["all", "decide", "running", "alarms"] as const;
export type Filter = (typeof FILTERS)[number];

export function isWaiting(incident: Incident): boolean {
  return incident.state === "recommended" || incident.state === "queued" || incident.state === "asking";
}

export function isOpenIncident(incident: Incident): boolean {
  return incident.state !== "closed";
}

function group(incident: Incident): number {
  if (isWaiting(incident)) return 0;
  return incident.units_arrived > 0 ? 2 : 1;
}

// Nothing due stands last.
function dueOf(incident: Incident): number {
  return incident.response_due_at === null ? Number.POSITIVE_INFINITY : Date.parse(incident.response_due_at);
}

/** For sorting, the neediest first. */
export function byNeed(one: Incident, other: Incident): number {
  const first = group(one) - group(other);
  if (first !== 0) return first;
  const urgency = priorityValues.indexOf(one.priority) - priorityValues.indexOf(other.priority);
  if (urgency !== 0) return urgency;
  const [due, later] = [dueOf(one), dueOf(other)];
  return due === later ? one.id - other.id : due < later ? -1 : 1;
}

/** The incidents that an open alarm is about, by the missions that it may be about; `raised`: not acknowledged yet. */
export function alarmedIncidents(
  alarms: Iterable<Alarm>,
  incidentOfMission: (mission: number) => number | undefined,
  raisedOnly = false,
): Set<number> {
  const found = new Set<number>();
  for (const alarm of alarms) {
    if (alarm.state === "cleared" || (raisedOnly && alarm.state !== "raised")) continue;
    if (alarm.subject_kind === "incident") found.add(alarm.subject);
    const incident = alarm.subject_kind === "mission" ? incidentOfMission(alarm.subject) : undefined;
    if (incident !== undefined) found.add(incident);
  }
  return found;
}

/** Whether the incident stands in the list; `alarmed` matters for that filter alone. */
export function passes(incident: Incident, filter: Filter, alarmed: ReadonlySet<number>): boolean {
  if (!isOpenIncident(incident)) return false;
  if (filter === "decide") return isWaiting(incident);
  if (filter === "running") return !isWaiting(incident);
  return filter === "all" || alarmed.has(incident.id);
}

/** Of the list, the one after this one that waits for a decision; from the top when none comes after it. */
export function nextWaiting(
  ids: readonly number[],
  current: number | null,
  waits: (id: number) => boolean,
): number | undefined {
  const waiting = ids.filter(waits);
  const at = current === null ? -1 : ids.indexOf(current);
  return waiting.find((id) => ids.indexOf(id) > at) ?? waiting.find((id) => id !== current);
}
