// The steps of a newcomer's first call, and what the live state says of them (firstCall.ts leads through them).
import type { Call, Mission } from "@schema";

const UNDER_WAY = ["assigned", "notified", "acknowledged", "departed"];

export const STEPS = [
  "seat",
  "ring",
  "answer",
  "place",
  "protocol",
  "questions",
  "hand",
  "dispatch",
  "send",
  "depart",
  "arrive",
] as const;
export type FirstStep = (typeof STEPS)[number];

export interface Seen {
  seats: number;
  rings: boolean;
  screen: string;
  call: Pick<Call, "point" | "triage" | "incident"> | undefined;
  missions: readonly Pick<Mission, "state">[];
}

/** What the live state says of each step; a step that was reached once stays so. */
export function reachedBy({ seats, rings, screen, call, missions }: Seen): FirstStep[] {
  const sent = missions.length > 0;
  const handed = sent || call?.incident != null;
  const there = missions.some(({ state }) => !UNDER_WAY.includes(state));
  const left = there || missions.some(({ state }) => state === "departed");
  const asked = handed || call?.triage?.ready === true;
  const now: Record<FirstStep, boolean> = {
    seat: seats > 0 || call !== undefined,
    ring: rings || call !== undefined,
    answer: call !== undefined,
    place: handed || (call !== undefined && call.point !== null),
    protocol: asked || (call !== undefined && call.triage !== null),
    questions: asked,
    hand: handed,
    dispatch: sent || (handed && screen === "dispatch"),
    send: sent,
    depart: left,
    arrive: there,
  };
  return STEPS.filter((step) => now[step]);
}

export function joined(before: readonly FirstStep[], now: readonly FirstStep[]): readonly FirstStep[] {
  const all = STEPS.filter((step) => before.includes(step) || now.includes(step));
  return all.length === before.length ? before : all;
}
