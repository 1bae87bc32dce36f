import type { MissionState, UnitState } from "@schema";
import { afterEach, describe, expect, it } from "vitest";
import type { Suggested } from "@/live/messages";
import { clearPositions, positionOf, takePositions } from "@/live/positions";
import { suggestionOf } from "@/live/suggestion";
import { MISSION_MOVES, UNIT_MOVES } from "@/screens/crew/stages";

const NOW_MS = 1_767_571_200_000;

function suggested(what: Suggested, mission: MissionState | null, unit: UnitState = "on_mission") {
  takePositions([[7, 119_680_000, 577_040_000, 500, what, 12_000]], NOW_MS);
  return suggestionOf({ unit: { id: 7, state: unit }, mission: mission && { state: mission } });
}

afterEach(clearPositions);

describe("what positions suggest", () => {
  it("has the time of the crossing", () => {
    expect(suggested("arrive", "departed")).toEqual({ what: "arrive", at_ms: NOW_MS - 12_000 });
    expect(positionOf(7)).toMatchObject({ lon: 11.968, lat: 57.704, at_ms: NOW_MS - 500 });
  });

  it("is gone with the next position that suggests nothing", () => {
    suggested("arrive", "departed");
    takePositions([[7, 119_680_000, 577_040_000, 500]], NOW_MS);
    expect(suggestionOf({ unit: { id: 7, state: "on_mission" }, mission: { state: "departed" } })).toBeNull();
  });

  it("is gone as soon as it has been reported", () => {
    expect(suggested("arrive", "on_scene")).toBeNull();
    expect(suggested("near_scene", "on_scene")).toBeNull();
    expect(suggested("reach_post", null, "at_post")).toBeNull();
    expect(suggested("depart", null, "returning")).toBeNull();
  });

  it("is only what could be reported in that state", () => {
    for (const what of ["depart", "arrive", "leave_scene", "reach_facility"] as const)
      for (const state of MISSION_MOVES[what]?.from ?? [])
        expect(suggested(what, state), `${what} ${state}`).not.toBeNull();
    for (const state of UNIT_MOVES.reach_post?.from ?? []) expect(suggested("reach_post", null, state)).not.toBeNull();
    expect(suggested("leave_scene", "departed")).toBeNull();
    expect(suggested("reach_facility", "at_patient")).toBeNull();
  });
});
