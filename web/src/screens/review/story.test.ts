import type { Entry } from "@schema";
import { expect, test } from "vitest";
import { protocolsOf, storyOf } from "@/screens/review/story";

const at = (seconds: number) => new Date(Date.UTC(2026, 10, 22, 8, 0, seconds)).toISOString();

function entry(sequence: number, second: number, ...events: Record<string, unknown>[]): Entry {
  return {
    sequence,
    entered_at: at(second),
    occurred_at: null,
    actor_kind: "seat",
    actor: 4,
    command: {},
    events: events.map((event) => ({ sequence, ...event })),
  };
}

const STORY: Entry[] = [
  entry(1, 0, { event: "call_offered", call: 1, occurred_at: at(0) }),
  entry(2, 14, { event: "call_answered", call: 1, occurred_at: at(14) }),
  entry(3, 20, { event: "question_asked", call: 1 }, { event: "answer_given", call: 1, protocol: 2, version: 3 }),
  entry(4, 60, { event: "incident_opened", incident: 1, call: 1 }, { event: "travel_asked", incident: 1 }),
  entry(5, 70, { event: "unit_assigned", mission: 9, incident: 1 }),
  // Told 100 s after it happened, by a phone that had no network.
  entry(6, 400, { event: "mission_progressed", mission: 9, stage: "depart", occurred_at: at(300) }),
  entry(7, 350, { event: "alarm_raised", alarm: 1 }),
];

test("steps stand in the order in which they happened, without what only asks", () => {
  const steps = storyOf(STORY);
  expect(steps.map((step) => step.name)).toEqual([
    "call_offered",
    "call_answered",
    "answer_given",
    "incident_opened",
    "unit_assigned",
    "mission_progressed",
    "alarm_raised",
  ]);
  expect(steps.map((step) => step.delta_s)).toEqual([0, 14, 6, 40, 10, 230, 50]);
  expect(steps.at(-1)?.since_s).toBe(350);
  expect(steps[5]).toMatchObject({ told_ms: Date.parse(at(400)), actor: 4 });
});

test("what took longer than its target says so, once", () => {
  const late = storyOf(STORY).map((step) => step.late && [step.late.name, step.late.took_s]);
  // 14 s against 10, 230 s against 180; from the answer to the order 56 s, within 60.
  expect(late).toEqual([null, ["answered_10s", 14], null, null, null, ["departed_3min", 230], null]);
});

test("a second call is held against its own ring", () => {
  const steps = storyOf([
    ...STORY,
    entry(8, 500, { event: "call_offered", call: 2, occurred_at: at(500) }),
    entry(9, 505, { event: "call_answered", call: 2, occurred_at: at(505) }),
  ]);
  expect(steps.at(-1)?.late).toBeNull();
});

test("protocols whose words are needed", () => {
  expect(protocolsOf(storyOf(STORY))).toEqual([[2, 3]]);
  expect(storyOf([])).toEqual([]);
});
