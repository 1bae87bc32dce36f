// The way of a mission, as schema/statuses.toml has it, and what follows on the phone from acts that the centre has not shown yet.
import type { MissionEvent, MissionState, UnitEvent, UnitState } from "@schema";
import type { Kept } from "@/lib/kept";
import type { CrewMission, CrewUnit, Known } from "@/screens/crew/known";

type Moves<S extends string, E extends string> = Partial<Record<E, { from: readonly S[]; to: S }>>;

export const MISSION_MOVES: Moves<MissionState, MissionEvent> = {
  notify: { from: ["assigned"], to: "notified" },
  acknowledge: { from: ["assigned", "notified"], to: "acknowledged" },
  depart: { from: ["assigned", "notified", "acknowledged"], to: "departed" },
  arrive: { from: ["assigned", "notified", "acknowledged", "departed"], to: "on_scene" },
  reach_patient: { from: ["departed", "on_scene"], to: "at_patient" },
  leave_scene: { from: ["on_scene", "at_patient"], to: "left_scene" },
  reach_facility: { from: ["left_scene"], to: "at_facility" },
  hand_over: { from: ["left_scene", "at_facility"], to: "handed_over" },
  end: { from: ["on_scene", "at_patient", "left_scene", "at_facility", "handed_over"], to: "ended" },
};

/** What a crew reports of its unit; the rest others decide. */
export const UNIT_MOVES: Moves<UnitState, UnitEvent> = {
  start_shift: { from: ["off_duty"], to: "at_post" },
  reach_post: { from: ["returning"], to: "at_post" },
  break_down: { from: ["at_post", "returning", "on_mission"], to: "out_of_service" },
  repair: { from: ["out_of_service"], to: "returning" },
  end_shift: { from: ["at_post", "returning", "out_of_service"], to: "off_duty" },
};

function after<S extends string, E extends string>(moves: Moves<S, E>, state: S, event: E): S | null {
  const move = moves[event];
  return move?.from.includes(state) ? move.to : null;
}

function possible<S extends string, E extends string>(moves: Moves<S, E>, state: S): E[] {
  return (Object.keys(moves) as E[]).filter((event) => after(moves, state, event) !== null);
}

export type Stage = Exclude<MissionEvent, "notify" | "divert" | "cancel">;

/** What the one big button does: a stage, a word about the unit, the choice of a facility, or nothing to do. */
export type Step = { stage: Stage } | { unit: UnitEvent } | { choose: "facility" } | null;

const NEXT: Partial<Record<MissionState, Stage>> = {
  assigned: "acknowledge",
  notified: "acknowledge",
  acknowledged: "depart",
  departed: "arrive",
  on_scene: "reach_patient",
  at_patient: "leave_scene",
  left_scene: "reach_facility",
  at_facility: "hand_over",
  handed_over: "end",
};

const NEXT_OF_UNIT: Partial<Record<UnitState, UnitEvent>> = {
  off_duty: "start_shift",
  returning: "reach_post",
  out_of_service: "repair",
};

export function nextStep(unit: CrewUnit, mission: CrewMission | null): Step {
  if (mission) {
    const stage = NEXT[mission.state];
    if (stage === "leave_scene" && mission.facility === null) return { choose: "facility" };
    return stage ? { stage } : null;
  }
  const event = NEXT_OF_UNIT[unit.state];
  return event ? { unit: event } : null;
}

/** All other stages that can be reported now: crews forget buttons, and some patients stay where they are. */
export function otherStages(mission: CrewMission): Stage[] {
  const next = NEXT[mission.state];
  return possible(MISSION_MOVES, mission.state).filter(
    (event): event is Stage =>
      event !== "notify" && event !== next && !(event === "leave_scene" && mission.facility === null),
  );
}

export function unitEvents(unit: CrewUnit): UnitEvent[] {
  return possible(UNIT_MOVES, unit.state);
}

function afterMission(known: Known, event: MissionEvent, at_ms: number): Known {
  const { mission, unit } = known;
  const state = mission && after(MISSION_MOVES, mission.state, event);
  if (!mission || !state) return known;
  // Where it goes from here on, nobody has estimated yet.
  const expected_at = state === "on_scene" || state === "left_scene" ? null : mission.expected_at;
  const on_scene_at = state === "on_scene" ? new Date(at_ms).toISOString() : mission.on_scene_at;
  if (state !== "ended") return { ...known, mission: { ...mission, state, expected_at, on_scene_at } };
  const free: UnitState = unit.shift_ends ? "off_duty" : "returning";
  return { ...known, mission: null, incident: null, unit: { ...unit, state: free, mission: null } };
}

function afterUnit(known: Known, event: UnitEvent): Known {
  const { unit } = known;
  if (event === "end_shift" && unit.state === "on_mission") return { ...known, unit: { ...unit, shift_ends: true } };
  const state = after(UNIT_MOVES, unit.state, event);
  return state ? { ...known, unit: { ...unit, state } } : known;
}

/** What is known, as it is when one more act will have been taken. */
function withAct(known: Known, { path, body, at_ms }: Kept): Known {
  const { mission } = known;
  const own = mission !== null && mission.id === body.mission;
  switch (path.slice(path.lastIndexOf("/") + 1)) {
    case "mission_report":
      return own ? afterMission(known, body.stage as MissionEvent, at_ms) : known;
    case "unit_report":
      return body.unit === known.unit.id ? afterUnit(known, body.what as UnitEvent) : known;
    case "destination_set": {
      if (!own) return known;
      const facility = known.facilities.find((one) => one.id === body.facility);
      return {
        ...known,
        mission: { ...mission, facility: body.facility as number, facility_name: facility?.name ?? "" },
      };
    }
    case "transport_request":
      return own ? { ...known, mission: { ...mission, facility_asked: true } } : known;
    case "patient_describe":
      return own
        ? { ...known, mission: { ...mission, patient: { described_at: new Date(at_ms).toISOString() } } }
        : known;
    default:
      return known;
  }
}

/** What is known with everything that was done here and that the centre has not shown yet. */
export function withActs(known: Known, acts: readonly Kept[]): Known {
  return acts.filter((act) => !act.refusal).reduce(withAct, known);
}
