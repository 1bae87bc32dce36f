import { readFileSync } from "node:fs";
import type { MissionEvent, UnitEvent } from "@schema";
import { describe, expect, it } from "vitest";
import type { Kept } from "@/lib/kept";
import { distance_m, nearest } from "@/screens/crew/facility";
import type { CrewFacility, Known } from "@/screens/crew/known";
import { MISSION_MOVES, nextStep, otherStages, UNIT_MOVES, unitEvents, withActs } from "@/screens/crew/stages";

/** The transitions of an entity, as the schema tells the core. */
function schemaMoves(entity: string): Map<string, { from: string[]; to: string }> {
  const text = readFileSync(new URL("../../../../schema/statuses.toml", import.meta.url), "utf8");
  const part = text.split("[[entity]]").find((one) => one.includes(`name = "${entity}"`)) ?? "";
  const moves = part.matchAll(/\{ on = "(\w+)", from = (\[[^\]]*\]|"\w+"), to = "(\w+)" \}/g);
  return new Map(
    [...moves].map(([, on = "", from = "", to = ""]) => [on, { from: from.match(/\w+/g) ?? [], to }] as const),
  );
}

describe("the moves that the phone foresees", () => {
  it.each([
    ["mission", MISSION_MOVES],
    ["unit", UNIT_MOVES],
  ] as const)("are those of the core: %s", (entity, moves) => {
    const schema = schemaMoves(entity);
    expect(schema.size).toBeGreaterThan(5);
    for (const [event, move] of Object.entries(moves)) expect(move, event).toEqual(schema.get(event));
  });
});

const facility = (id: number, lon: number, more: Partial<CrewFacility> = {}): CrewFacility => ({
  id,
  code: `F${id}`,
  name: `Facility ${id}`,
  state: "open",
  tier: "tier_3",
  capabilities: [],
  point: { lon, lat: 57.7 },
  ...more,
});

function known(state: "assigned" | "at_patient" | "handed_over", over: Partial<Known["unit"]> = {}): Known {
  return {
    person: 1,
    unit: {
      id: 4,
      code: "U4",
      name: "",
      state: "on_mission",
      changed_at: null,
      shift_ends: false,
      mission: 9,
      position: null,
      ...over,
    },
    mission: {
      id: 9,
      state,
      assigned_at: null,
      on_scene_at: null,
      expected_at: null,
      incident: 5,
      facility: null,
      facility_asked: false,
      recommended: [],
      bed_reserved: false,
      prealert_acknowledged_at: null,
      patient: null,
    },
    incident: null,
    facilities: [facility(2, 12)],
    held: true,
    centre: "",
    timeZone: "UTC",
  };
}

let order = 0;
function kept(name: string, body: Record<string, unknown>, more: Partial<Kept> = {}): Kept {
  order += 1;
  return { key: `k${order}`, order, person: 1, path: `/api/v1/commands/${name}`, body, at_ms: 0, ...more };
}
const stage = (event: MissionEvent, mission = 9) => kept("mission_report", { mission, stage: event });
const unit = (what: UnitEvent) => kept("unit_report", { unit: 4, what });

describe("the next step", () => {
  it("goes the whole way of a mission with a patient, one press after the other", () => {
    const pressed: string[] = [];
    let now = known("assigned");
    for (let presses = 0; presses < 12 && now.mission; presses += 1) {
      const step = nextStep(now.unit, now.mission);
      if (!step) break;
      const act =
        "stage" in step ? stage(step.stage) : kept("destination_set", { mission: 9, facility: 2, override: "none" });
      pressed.push("stage" in step ? step.stage : "choose");
      now = withActs(now, [act]);
    }
    expect(pressed).toEqual([
      "acknowledge",
      "depart",
      "arrive",
      "reach_patient",
      "choose",
      "leave_scene",
      "reach_facility",
      "hand_over",
      "end",
    ]);
    expect(now.unit.state).toBe("returning");
    expect(nextStep(now.unit, now.mission)).toEqual({ unit: "reach_post" });
  });

  it("lets a crew end where it is, and go nowhere without a destination", () => {
    const at = known("at_patient").mission;
    expect(at && otherStages(at)).toEqual(["end"]);
  });

  it("offers what the unit can report", () => {
    expect(unitEvents(known("assigned", { state: "off_duty" }).unit)).toEqual(["start_shift"]);
    expect(unitEvents(known("assigned").unit)).toEqual(["break_down"]);
  });
});

describe("what was done here and not yet there", () => {
  it("is foreseen in order, without what was refused and what is of another mission", () => {
    const acts = [
      stage("acknowledge"),
      { ...stage("depart"), refusal: { name: "transition", status: 409, detail: "" } as const },
      stage("arrive", 8),
    ];
    expect(withActs(known("assigned"), acts).mission?.state).toBe("acknowledged");
  });

  it("changes nothing that is over already", () => {
    const now = known("handed_over");
    expect(withActs(now, [stage("depart")])).toEqual(now);
  });

  it("ends the shift with the mission when that was said", () => {
    const now = withActs(known("handed_over"), [unit("end_shift"), stage("end")]);
    expect(now.unit.state).toBe("off_duty");
    expect(now.mission).toBeNull();
  });
});

describe("facilities without a recommendation", () => {
  it("are in order of what they can, then of distance", () => {
    const burn = { capabilities: ["burn" as const] };
    const all = [facility(1, 11.99), facility(2, 12.2, burn), facility(3, 12.1, burn)];
    const order = nearest(all, { lon: 12, lat: 57.7 }, ["basic", "burn"]).map((one) => one.facility.id);
    expect(order).toEqual([3, 2, 1]);
  });

  it("a degree of latitude is 111.19 km on a sphere of 6371 km", () => {
    expect(distance_m({ lon: 12, lat: 57 }, { lon: 12, lat: 58 }) / 1000).toBeCloseTo(111.195, 2);
  });
});
