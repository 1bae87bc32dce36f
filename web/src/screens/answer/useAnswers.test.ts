import { describe, expect, it } from "vitest";
import type { LiveEvent } from "@/live/messages";
import { type AnswerLog, afterEvent } from "@/screens/answer/useAnswers";

const EMPTY: AnswerLog = { given: [], reached: {} };
const event = (name: string, fields: object) => ({ event: name, call: 1, ...fields }) as LiveEvent;
const at = (step: number, answer?: number) => ({ protocol: 1, version: 1, step, ...(answer ? { answer } : {}) });
const run = (...events: LiveEvent[]) => events.reduce(afterEvent, EMPTY);

describe("the answers of a call", () => {
  it("are remembered in order, a change of protocol as an answer 0", () => {
    const log = run(event("triage_begun", at(1)), event("answer_given", at(1, 2)), event("answer_given", at(2, 1)));
    expect(log.given.map(({ step, answer }) => [step, answer])).toEqual([
      [1, 0],
      [1, 2],
      [2, 1],
    ]);
  });

  it("are forgotten when they are taken back, with what they had reached", () => {
    const log = run(
      event("triage_begun", at(1)),
      event("answer_given", at(1, 1)),
      event("milestone_reached", { marks: ["arrest_recognised"], occurred_at: "2026-11-22T08:00:20Z" }),
      event("answer_withdrawn", { ...at(1, 1), marks: ["arrest_recognised"] }),
    );
    expect(log).toEqual({ given: [{ protocol: 1, version: 1, step: 1, answer: 0 }], reached: {} });
  });

  it("come back when a change of protocol is taken back", () => {
    const log = run(
      event("triage_begun", at(1)),
      event("answer_given", at(1, 1)),
      event("triage_begun", { ...at(2), protocol: 9 }),
      event("answer_withdrawn", { ...at(2), answer: 0, marks: [] }),
    );
    expect(log.given.map(({ protocol, answer }) => [protocol, answer])).toEqual([
      [1, 0],
      [1, 1],
    ]);
  });

  it("keep the first time that something was reached", () => {
    const mark = (occurred_at: string) => event("milestone_reached", { marks: ["compressions_begun"], occurred_at });
    const log = run(mark("2026-11-22T08:00:30Z"), mark("2026-11-22T08:09:00Z"));
    expect(log.reached).toEqual({ compressions_begun: "2026-11-22T08:00:30Z" });
  });
});
