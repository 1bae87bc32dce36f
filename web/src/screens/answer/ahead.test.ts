import type { Call, ProtocolChoice } from "@schema";
import { describe, expect, it } from "vitest";
import { confirmedCount, leadsTo, type Sent, shownStand, standOf, stepBack, trailOf } from "@/screens/answer/ahead";

const choice = (to: ProtocolChoice["to"]) => ({ answer: 1, key: "1", to }) as ProtocolChoice;
const sent = (step: number | null, sequence: number | null): Sent => ({
  given: null,
  to: { protocol: 1, version: 1, step },
  sequence,
  trail: [],
});
const HERE = { protocol: 1, version: 3, step: 2 };

describe("an answer", () => {
  it("leads on in the same version, to another protocol's newest, or to the end", () => {
    expect(leadsTo(choice({ protocol: 1, step: 5 }), HERE, () => 9)).toEqual({ protocol: 1, version: 3, step: 5 });
    expect(leadsTo(choice({ protocol: 4, step: 1 }), HERE, () => 9)).toEqual({ protocol: 4, version: 9, step: 1 });
    expect(leadsTo(choice(null), HERE, () => 9)).toEqual({ protocol: 1, version: 3, step: null });
  });
});

describe("what is sent", () => {
  it("is ahead until the screen has seen the entry that it became, in order", () => {
    const queue = [sent(2, 100), sent(3, 105), sent(4, null)];
    expect(confirmedCount(queue, 99)).toBe(0);
    expect(confirmedCount(queue, 104)).toBe(1);
    expect(confirmedCount(queue, 500)).toBe(2);
    expect(confirmedCount([sent(2, 100)], 100)).toBe(1);
  });

  it("shows where the newest press leads, and the centre's question without one", () => {
    const server = { protocol: 1, version: 1, step: 1 };
    expect(shownStand(server, [])).toBe(server);
    expect(shownStand(server, [sent(2, null), sent(3, null)])?.step).toBe(3);
    expect(shownStand(server, [{ ...sent(null, null), to: null }])).toBe(server);
  });
});

describe("one step back", () => {
  const given = (step: number, answer: number) => ({ protocol: 1, version: 3, step, answer });

  it("is to the question of the newest answer, also of one on its way", () => {
    const told = [given(1, 0), given(1, 2)];
    expect(stepBack(trailOf(told, []))).toEqual({ to: { protocol: 1, version: 3, step: 1 }, trail: [given(1, 0)] });
    const ahead = [{ ...sent(3, null), trail: [...told, given(2, 1)] }];
    expect(stepBack(trailOf(told, ahead))).toEqual({ to: { protocol: 1, version: 3, step: 2 }, trail: told });
  });

  it("over another protocol only the centre knows, nor before all that this page has seen", () => {
    expect(stepBack([given(1, 2), given(4, 0)])).toEqual({ to: null, trail: [given(1, 2)] });
    expect(stepBack([])).toEqual({ to: null, trail: [] });
  });
});

describe("the question of a call", () => {
  it("is the centre's, null where none was begun", () => {
    expect(standOf({ triage: null } as Call)).toBeNull();
    const triage = { protocol: 7, version: 2, step: null, priority: "urgent" };
    expect(standOf({ triage } as unknown as Call)).toEqual({ protocol: 7, version: 2, step: null });
  });
});
