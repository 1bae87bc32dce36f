// What the crew's screen shows, as small as it can be: this much the phone remembers for the time without network. No caller, no
// telephone number, no figure of the patient; it is forgotten when the mission is over or the person signs out.
import type { Facility, Incident, Mission, PlaceAround, Unit, Way } from "@schema";
import { clearKnown, readKnown, writeKnown } from "@/lib/database";

const UNIT = ["id", "code", "name", "state", "changed_at", "shift_ends", "mission", "post_name", "position"] as const;
const MISSION = [
  "id",
  "state",
  "assigned_at",
  "on_scene_at",
  "expected_at",
  "incident",
  "facility",
  "facility_name",
  "facility_asked",
  "recommended",
  "bed_reserved",
  "prealert_acknowledged_at",
] as const;
const INCIDENT = [
  "id",
  "priority",
  "needs",
  "marks",
  "call",
  "point",
  "district_name",
  "units_wanted",
  "units_assigned",
  "offered_at",
  "response_due_at",
] as const;
const FACILITY = ["id", "code", "name", "state", "tier", "capabilities", "point"] as const;

export type CrewUnit = Pick<Unit, (typeof UNIT)[number]>;
export type CrewMission = Pick<Mission, (typeof MISSION)[number]> & { patient: { described_at: string | null } | null };
export type CrewIncident = Pick<Incident, (typeof INCIDENT)[number]>;
export type CrewFacility = Pick<Facility, (typeof FACILITY)[number]>;

export interface Known {
  person: number;
  unit: CrewUnit;
  mission: CrewMission | null;
  incident: CrewIncident | null;
  facilities: readonly CrewFacility[];
  /** In a drill: whether the unit is in this person's hand. In a live centre it always is. */
  held: boolean;
  centre: string;
  timeZone: string;
}

/** What has been read about the order beside the live state: where it is, and how to get there. */
export interface Ways {
  mission: number;
  place: PlaceAround | null;
  scene: Way | null;
  facility: { id: number; way: Way } | null;
}

function take<T, K extends keyof T>(whole: T, names: readonly K[]): Pick<T, K> {
  return Object.fromEntries(names.map((name) => [name, whole[name]])) as unknown as Pick<T, K>;
}

export const crewUnit = (unit: Unit): CrewUnit => take(unit, UNIT);
export const crewIncident = (incident: Incident): CrewIncident => take(incident, INCIDENT);
export const crewFacility = (facility: Facility): CrewFacility => take(facility, FACILITY);
export const crewMission = (mission: Mission): CrewMission => ({
  ...take(mission, MISSION),
  patient: mission.patient && { described_at: mission.patient.described_at },
});

const LAST = "last";
const WAYS = "ways";

/** What the phone remembers for this person; null: nothing, or another's. */
export async function recall(person: number): Promise<Known | null> {
  const known = await readKnown<Known>(LAST).catch(() => undefined);
  return known?.person === person ? known : null;
}

// A device that remembers nothing works as long as the page lives.
export const remember = (known: Known): Promise<void> => writeKnown(LAST, known).catch(() => {});
export const recallWays = (): Promise<Ways | undefined> => readKnown<Ways>(WAYS).catch(() => undefined);
export const rememberWays = (ways: Ways | null): Promise<void> => writeKnown(WAYS, ways).catch(() => {});
export const forgetKnown = (): Promise<void> => clearKnown().catch(() => {});
