import type { Mission, Patient } from "@schema";
import { describe, expect, it } from "vitest";
import {
  arrivedAt,
  comesTo,
  expectedAt,
  inOrderOfArrival,
  isDemanding,
  pathwaysOf,
  stageOf,
} from "@/screens/hospital/arrivals";

const at = (clock: string) => `2026-11-22T${clock}:00.000000Z`;

function mission(fields: Partial<Mission>): Mission {
  return {
    id: 1,
    state: "left_scene",
    facility: 1,
    prealert_at: at("10:00"),
    prealert_acknowledged_at: null,
    expected_at: null,
    needs: [],
    patient: null,
    at_facility_at: null,
    ...fields,
  } as Mission;
}

describe("arrivals", () => {
  it("are the missions that head for this hospital and have not handed over", () => {
    expect(comesTo(mission({}), 1)).toBe(true);
    expect(comesTo(mission({}), 2)).toBe(false);
    expect(comesTo(mission({ state: "handed_over" }), 1)).toBe(false);
    expect(comesTo(mission({ state: "ended" }), 1)).toBe(false);
    expect(stageOf(mission({ state: "at_patient" }))).toBe("scene");
    expect(stageOf(mission({ state: "departed" }))).toBe("outbound");
  });

  it("come in the order of the door: who stands there, who comes next, who is not on the way yet", () => {
    const all = [
      mission({ id: 1, state: "at_patient", prealert_at: at("09:00") }),
      mission({ id: 2, state: "left_scene", expected_at: null }),
      mission({ id: 3, state: "left_scene", expected_at: at("10:20") }),
      mission({ id: 4, state: "at_facility", at_facility_at: at("10:05") }),
      mission({ id: 5, state: "left_scene", expected_at: at("10:10") }),
      mission({ id: 6, state: "at_facility", at_facility_at: at("10:01") }),
      mission({ id: 7, state: "on_scene", prealert_at: at("08:00") }),
    ];
    expect(all.sort(inOrderOfArrival).map((one) => one.id)).toEqual([6, 4, 5, 3, 2, 7, 1]);
  });

  it("have no time of arrival before the patient has left the scene: expected_at is then the crew's own arrival there", () => {
    expect(expectedAt(mission({ state: "at_patient", expected_at: at("10:10") }))).toBeNull();
    expect(expectedAt(mission({ state: "left_scene", expected_at: at("10:10") }))).toBe(at("10:10"));
  });

  it("stand at the door since the crew reported it, and for no longer than they do", () => {
    const at_facility_at = at("10:33");
    expect(arrivedAt(mission({ state: "at_facility", at_facility_at }))).toBe(at_facility_at);
    expect(arrivedAt(mission({ state: "handed_over", at_facility_at }))).toBeNull();
    expect(arrivedAt(mission({ state: "left_scene" }))).toBeNull();
  });

  it("demand an acknowledgement until there is one, or it is too late for it", () => {
    expect(isDemanding(mission({}))).toBe(true);
    expect(isDemanding(mission({ prealert_acknowledged_at: at("10:01") }))).toBe(false);
    expect(isDemanding(mission({ prealert_at: null }))).toBe(false);
    expect(isDemanding(mission({ state: "handed_over" }))).toBe(false);
  });

  it("need what was asked for and what the crew found, each once", () => {
    const patient = { main_problem: ["stroke", "trauma"] } as unknown as Patient;
    expect(pathwaysOf(mission({ needs: ["trauma", "chest_pain"], patient }))).toEqual([
      "chest_pain",
      "stroke",
      "trauma",
    ]);
  });
});
