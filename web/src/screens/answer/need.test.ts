import type { Call } from "@schema";
import { describe, expect, it } from "vitest";
import { byNeed, waitTarget_s } from "@/screens/answer/need";

const call = (fields: Partial<Call>) =>
  ({ id: 1, state: "offered", offered_at: "2026-11-22T08:00:00Z", triage: null, ...fields }) as Call;
const at = (second: number) => `2026-11-22T08:00:${String(second).padStart(2, "0")}Z`;

describe("need", () => {
  it("takes the longest ring first, after those who were answered and wait", () => {
    const calls = [
      call({ id: 1, offered_at: at(30) }),
      call({ id: 2, offered_at: at(10) }),
      call({ id: 3, state: "answered", offered_at: at(40) }),
    ];
    expect(calls.sort(byNeed).map((one) => one.id)).toEqual([3, 2, 1]);
  });

  it("puts a life at stake above everything", () => {
    const critical = { priority: "critical", marks: [] } as unknown as Call["triage"];
    const calls = [
      call({ id: 1, state: "answered" }),
      call({ id: 2, state: "located", offered_at: at(50), triage: critical }),
    ];
    expect(calls.sort(byNeed).map((one) => one.id)).toEqual([2, 1]);
  });

  it("orders two hundred in one way whatever order they come in", () => {
    const many = Array.from({ length: 200 }, (_, id) =>
      call({ id, offered_at: new Date(1_800_000_000_000 + ((id * 37) % 200) * 1000).toISOString() }),
    );
    const sorted = [...many].sort(byNeed).map((one) => one.offered_at);
    expect(sorted).toEqual([...many.map((one) => one.offered_at)].sort());
  });

  it("learns the centre's targets from the alarms that are due", () => {
    expect(waitTarget_s(call({}))).toBe(10);
    expect(waitTarget_s(call({ due_alarm: "ring_unanswered", due_at: at(20) }))).toBe(20);
    expect(waitTarget_s(call({ due_alarm: null, due_at: null }))).toBe(20);
    const left = {
      state: "abandoned",
      ended_at: at(0),
      due_alarm: "call_back_due",
      due_at: "2026-11-22T08:02:00Z",
    } as const;
    expect(waitTarget_s(call(left))).toBe(120);
  });
});
