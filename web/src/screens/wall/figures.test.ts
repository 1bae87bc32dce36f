import type { Alarm, Call, Facility, Incident, Mission, Unit } from "@schema";
import { describe, expect, it } from "vitest";
import { alarmsOf, firstOf, hospitalsOf, loadOf, queueOf, unitsOf } from "@/screens/wall/figures";

const NOW = Date.parse("2026-11-22T10:00:00Z");
const ago = (seconds: number) => new Date(NOW - seconds * 1000).toISOString();
const some = <T>(list: Partial<T>[]) => list as T[];

describe("the load", () => {
  it("is who rings, talks, and is to be called back", () => {
    const calls = some<Call>([
      { state: "offered", offered_at: ago(12) },
      { state: "offered", offered_at: ago(3) },
      { state: "answered", offered_at: ago(90) },
      { state: "located", offered_at: ago(90) },
      { state: "abandoned", offered_at: ago(400) },
      { state: "triaged", offered_at: ago(400) },
      { state: "closed", offered_at: ago(400) },
    ]);
    expect(loadOf(calls, NOW)).toEqual({ ringing: 2, longestRing_s: 12, talking: 2, callBack: 1 });
  });

  it("is nothing on an empty night", () => {
    expect(loadOf([], NOW)).toEqual({ ringing: 0, longestRing_s: 0, talking: 0, callBack: 0 });
    expect(queueOf([], NOW).map((line) => line.count)).toEqual([0, 0, 0, 0]);
    expect(unitsOf([], new Map()).onDuty).toBe(0);
    expect(hospitalsOf([], [])).toEqual([]);
    expect(alarmsOf([], NOW)).toEqual([]);
  });
});

describe("the queue", () => {
  it("counts who waits by priority, from the first ring, and who is beyond the target", () => {
    const incidents = some<Incident>([
      { priority: "severe", state: "queued", offered_at: ago(1000), response_due_at: ago(100), response_target_s: 900 },
      {
        priority: "severe",
        state: "recommended",
        offered_at: ago(60),
        response_due_at: ago(-840),
        response_target_s: 900,
      },
      {
        priority: "severe",
        state: "served",
        offered_at: ago(9000),
        response_due_at: ago(8000),
        response_target_s: 900,
      },
      { priority: "critical", state: "closed", offered_at: ago(9000) },
      { priority: "non_urgent", state: "asking", offered_at: null, opened_at: ago(7), response_due_at: null },
    ]);
    const lines = queueOf(incidents, NOW);
    expect(lines.map((line) => line.priority)).toEqual(["critical", "severe", "urgent", "non_urgent"]);
    expect(lines.map((line) => line.count)).toEqual([0, 2, 0, 1]);
    expect(lines[1]).toMatchObject({ longest_s: 1000, overdue: 1 });
    expect(lines[3]).toMatchObject({ longest_s: 7, overdue: 0 });
  });
});

describe("units", () => {
  it("are told by what they do; who is off duty or retired is not there", () => {
    const missions = new Map(
      some<Mission>([
        { id: 1, state: "assigned" },
        { id: 2, state: "at_patient" },
        { id: 3, state: "left_scene" },
        { id: 4, state: "handed_over" },
      ]).map((mission) => [mission.id, mission]),
    );
    const unit = (state: Unit["state"], mission: number | null = null, retired = false) => ({
      state,
      mission,
      retired,
    });
    const units = some<Unit>([
      unit("at_post"),
      unit("off_duty"),
      unit("at_post", null, true),
      unit("returning"),
      unit("out_of_service"),
      unit("on_mission", 1),
      unit("on_mission", 2),
      unit("on_mission", 3),
      unit("on_mission", 4),
      unit("on_mission", 99),
    ]);
    expect(unitsOf(units, missions)).toEqual({
      counts: { at_post: 1, returning: 1, to_scene: 2, scene: 1, to_facility: 1, at_facility: 1, out_of_service: 1 },
      onDuty: 8,
    });
  });
});

describe("hospitals", () => {
  const beds = (available: number) => [{ kind: "emergency", available, counted_at: null }] as Facility["beds"];
  it("come with those that cannot receive first, then the fewest free beds; not counted is not zero", () => {
    const facilities = some<Facility>([
      { id: 1, name: "A", state: "open", beds: beds(9), diverting_until: null },
      { id: 2, name: "B", state: "open", beds: [], diverting_until: null },
      { id: 3, name: "C", state: "diverting", beds: beds(5), diverting_until: null },
      { id: 4, name: "", code: "D", state: "shut", beds: beds(5), diverting_until: null },
      { id: 5, name: "E", state: "open", beds: beds(0), diverting_until: null },
    ]);
    const missions = some<Mission>([
      { facility: 1, state: "left_scene" },
      { facility: 1, state: "handed_over" },
      { facility: null, state: "departed" },
      { facility: 9, state: "departed" },
    ]);
    const lines = hospitalsOf(facilities, missions);
    expect(lines.map((line) => line.name)).toEqual(["D", "C", "E", "A", "B"]);
    expect(lines.map((line) => line.free)).toEqual([5, 5, 0, 9, null]);
    expect(lines.map((line) => line.coming)).toEqual([0, 0, 0, 1, 0]);
  });
});

describe("alarms", () => {
  it("are counted by kind: what nobody sees to first, then the oldest; what is over is over", () => {
    const alarms = some<Alarm>([
      { kind: "beds_stale", state: "acknowledged", raised_at: ago(5000) },
      { kind: "queue_overdue", state: "raised", raised_at: ago(10) },
      { kind: "queue_overdue", state: "acknowledged", raised_at: ago(50) },
      { kind: "unit_silent", state: "raised", raised_at: ago(40) },
      { kind: "call_back_due", state: "cleared", raised_at: ago(9000) },
    ]);
    expect(alarmsOf(alarms, NOW)).toEqual([
      { kind: "queue_overdue", raised: 1, count: 2, oldest_s: 50 },
      { kind: "unit_silent", raised: 1, count: 1, oldest_s: 40 },
      { kind: "beds_stale", raised: 0, count: 1, oldest_s: 5000 },
    ]);
  });
});

describe("a list that is too long", () => {
  it("keeps one line for how many there are more", () => {
    expect(firstOf([1, 2, 3], 3)).toEqual({ shown: [1, 2, 3], more: 0 });
    expect(firstOf([1, 2, 3, 4, 5], 3)).toEqual({ shown: [1, 2], more: 3 });
  });
});
