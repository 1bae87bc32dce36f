import type { Alarm, Incident } from "@schema";
import { describe, expect, it } from "vitest";
import { alarmedIncidents, byNeed, nextWaiting, passes } from "@/screens/dispatch/need";

function incident(id: number, some: Partial<Incident>): Incident {
  return {
    id,
    state: "recommended",
    priority: "urgent",
    units_arrived: 0,
    response_due_at: "2026-11-22T10:00:00Z",
    ...some,
  } as Incident;
}

const order = (...all: Incident[]) => all.sort(byNeed).map(({ id }) => id);

describe("the list", () => {
  it("has what waits before what runs, and what runs before where somebody is", () => {
    const there = incident(1, { state: "served", priority: "critical", units_arrived: 1 });
    const runs = incident(2, { state: "served", priority: "critical" });
    const queued = incident(3, { state: "queued", priority: "non_urgent" });
    expect(order(there, runs, queued)).toEqual([3, 2, 1]);
  });

  it("has the more urgent first, then whose target ends sooner, then the older", () => {
    const late = incident(1, { response_due_at: "2026-11-22T10:20:00Z" });
    const soon = incident(2, { response_due_at: "2026-11-22T10:10:00Z" });
    const severe = incident(3, { priority: "severe", response_due_at: "2026-11-22T11:00:00Z" });
    const endless = incident(4, { response_due_at: null });
    const same = incident(5, { response_due_at: "2026-11-22T10:10:00Z" });
    expect(order(endless, late, same, soon, severe)).toEqual([3, 2, 5, 1, 4]);
  });

  it("is filtered", () => {
    const running = incident(1, { state: "served" });
    const waiting = incident(2, {});
    const closed = incident(3, { state: "closed" });
    const shown = (filter: Parameters<typeof passes>[1]) =>
      [running, waiting, closed].filter((one) => passes(one, filter, new Set([1]))).map(({ id }) => id);
    expect(shown("all")).toEqual([1, 2]);
    expect(shown("decide")).toEqual([2]);
    expect(shown("running")).toEqual([1]);
    expect(shown("alarms")).toEqual([1]);
  });

  it("knows which alarms are about an incident, itself or by a mission", () => {
    const alarm = (subject_kind: Alarm["subject_kind"], subject: number, state: Alarm["state"]) =>
      ({ subject_kind, subject, state }) as Alarm;
    const alarms = [
      alarm("incident", 4, "acknowledged"),
      alarm("mission", 9, "raised"),
      alarm("mission", 8, "raised"),
      alarm("incident", 5, "cleared"),
      alarm("unit", 6, "raised"),
    ];
    const ofMission = (mission: number) => (mission === 9 ? 7 : undefined);
    expect([...alarmedIncidents(alarms, ofMission)].sort()).toEqual([4, 7]);
    expect([...alarmedIncidents(alarms, ofMission, true)]).toEqual([7]);
  });
});

describe("the next to decide", () => {
  const ids = [10, 20, 30, 40];
  const waits = (id: number) => id !== 30;

  it("comes after this one, then from the top", () => {
    expect(nextWaiting(ids, null, waits)).toBe(10);
    expect(nextWaiting(ids, 20, waits)).toBe(40);
    expect(nextWaiting(ids, 40, waits)).toBe(10);
  });

  it("is nobody when only this one waits", () => {
    expect(nextWaiting(ids, 20, (id) => id === 20)).toBeUndefined();
  });

  it("is the first when this one is not in the list", () => expect(nextWaiting(ids, 99, waits)).toBe(10));
});
