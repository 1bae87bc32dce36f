import type { Call } from "@schema";
import { describe, expect, it } from "vitest";
import type { LiveEvent } from "@/live/messages";
import { type AnswerLog, afterEvent, isBehind, logOf } from "@/screens/answer/useAnswers";

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

  const triage = (fields: object) => ({ ...at(3), answered: 2, ...fields }) as NonNullable<Call["triage"]>;

  it("are asked for when the page has not heard of all", () => {
    const log = run(event("triage_begun", at(1)), event("answer_given", at(1, 2)), event("answer_given", at(2, 1)));
    expect(isBehind(log, triage({}))).toBe(false);
    expect(isBehind(log, triage({ answered: 3 }))).toBe(true);
    expect(isBehind(EMPTY, triage({ answered: 0 }))).toBe(true);
    expect(isBehind(EMPTY, null)).toBe(false);
  });

  it("read from the centre are the same as those that were heard", () => {
    const heard = run(
      event("triage_begun", at(1)),
      event("answer_given", at(1, 2)),
      event("triage_begun", { ...at(5), protocol: 9, version: 3 }),
      event("answer_given", { ...at(5, 1), protocol: 9, version: 3 }),
      event("triage_begun", { ...at(1), protocol: 4 }),
    );
    const told = [
      { ...at(1, 2), answer: 2 },
      { ...at(2), answer: 0 },
      { protocol: 9, version: 3, step: 5, answer: 1 },
      { protocol: 9, version: 3, step: 6, answer: 0 },
    ];
    expect(logOf(told, triage({ protocol: 4, step: 1 }))).toEqual(heard.given);
  });
});
