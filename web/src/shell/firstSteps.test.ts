import { describe, expect, it } from "vitest";
import { joined, reachedBy, type Seen, STEPS } from "@/shell/firstSteps";

const POINT = { lon: 11.97, lat: 57.7 };
const TRIAGE = {
  protocol: 4,
  version: 1,
  step: 2,
  ended: false,
  begun_at: null,
  asked_at: null,
  answered: 1,
  priority: null,
  needs: [],
  units_wanted: 1,
  ready: false,
  marks: [],
} as NonNullable<NonNullable<Seen["call"]>["triage"]>;
const NOTHING: Seen = { seats: 0, rings: false, screen: "answer", call: undefined, missions: [] };

/** The first step that is not reached yet: what the newcomer is told. */
const next = (seen: Partial<Seen>) => {
  const reached = reachedBy({ ...NOTHING, seats: 2, ...seen });
  return STEPS.find((step) => !reached.includes(step));
};

describe("a newcomer's first call", () => {
  it("leads from the seat to the arrival", () => {
    expect(reachedBy(NOTHING)).toEqual([]);
    expect(next({})).toBe("ring");
    expect(next({ rings: true })).toBe("answer");
    expect(next({ call: { point: null, triage: null, incident: null } })).toBe("place");
    expect(next({ call: { point: POINT, triage: null, incident: null } })).toBe("protocol");
    expect(next({ call: { point: POINT, triage: TRIAGE, incident: null } })).toBe("questions");
    const ready = { point: POINT, triage: { ...TRIAGE, ready: true }, incident: null };
    expect(next({ call: ready })).toBe("hand");
    const handed = { ...ready, incident: 9 };
    expect(next({ call: handed })).toBe("dispatch");
    expect(next({ call: handed, screen: "dispatch" })).toBe("send");
    expect(next({ call: handed, missions: [{ state: "notified" }] })).toBe("depart");
    expect(next({ call: handed, missions: [{ state: "departed" }] })).toBe("arrive");
    expect(next({ call: handed, missions: [{ state: "on_scene" }] })).toBeUndefined();
  });

  it("goes on where somebody took a shorter way", () => {
    const byHand = { point: POINT, triage: null, incident: 9 };
    expect(next({ call: byHand })).toBe("dispatch");
    const first = [{ state: "on_scene" as const }, { state: "notified" as const }];
    expect(next({ call: byHand, missions: first })).toBeUndefined();
  });

  it("keeps what was reached", () => {
    const before = reachedBy({ ...NOTHING, seats: 1, rings: true });
    expect(joined(before, reachedBy(NOTHING))).toBe(before);
    expect(joined(before, ["answer"])).toEqual(["seat", "ring", "answer"]);
  });
});
