import type { Entry } from "@schema";
import { expect, test } from "vitest";
import { formOf, storyOf } from "@/screens/review/story";

const at = (seconds: number) => new Date(Date.UTC(2026, 10, 22, 8, 0, seconds)).toISOString();

// A form of which some times were not noted; entered an hour later.
const ENTRY: Entry = {
  sequence: 40,
  entered_at: at(3600),
  occurred_at: at(0),
  actor_kind: "seat",
  actor: 4,
  command: {},
  events: [
    {
      event: "paper_entered",
      call: 7,
      incident: 5,
      mission: 9,
      form: 261122407001787,
      result: "incident",
      priority: "severe",
      units_wanted: 2,
      needs: ["basic"],
      seat: 1,
      offered_at: at(0),
      answered_at: at(14),
      located_at: null,
      triaged_at: at(50),
      recognised_at: null,
      compressions_at: null,
      items: [
        {
          unit: 2,
          taken_to: 1,
          assigned_at: at(60),
          departed_at: at(300),
          on_scene_at: at(600),
          available_at: at(1800),
        },
        { unit: 3, taken_to: null, assigned_at: null, on_scene_at: at(500), end_reason: "cancelled" },
      ],
    },
  ],
};

test("what was entered from paper is told by the times of the form, and its entry when it was made", () => {
  const steps = storyOf([ENTRY]);
  expect(steps.map((step) => [step.name, (step.at_ms - Date.parse(at(0))) / 1000, step.data.unit])).toEqual([
    ["call_offered", 0, undefined],
    ["call_answered", 14, undefined],
    ["incident_opened", 50, undefined],
    ["unit_assigned", 60, 2],
    ["mission_progressed", 300, 2],
    ["mission_progressed", 500, 3],
    ["mission_progressed", 600, 2],
    ["mission_progressed", 1800, 2],
    ["paper_entered", 3600, undefined],
  ]);
  expect(formOf(steps)).toBe(261122407001787);
});

test("targets hold for it as for any other: answered after 10 s, departed after 3 min", () => {
  const late = storyOf([ENTRY]).flatMap(({ late: one }) => (one ? [[one.name, one.took_s]] : []));
  expect(late).toEqual([
    ["answered_10s", 14],
    ["departed_3min", 240],
  ]);
});

test("a case that was taken here is from no form", () => {
  expect(formOf(storyOf([{ ...ENTRY, events: [{ event: "call_offered", occurred_at: at(0) }] }]))).toBeNull();
});
