// Who comes first: ringing calls by how long they have rung, above them what one has put aside oneself.
import type { Call } from "@schema";

/** China's goal for 2025; the centre's own limit is known as soon as a call tells when its alarm is due. */
const RING_TARGET_S = 10;
const CALL_BACK_TARGET_S = 300;

function rank(call: Call): number {
  if (call.triage?.priority === "critical" || call.triage?.marks.includes("arrest_recognised")) return 0;
  return call.state === "offered" ? 2 : 1;
}

function since_ms(call: Call): number {
  return Date.parse((call.state === "abandoned" ? call.ended_at : call.offered_at) ?? "") || 0;
}

/** Who needs somebody more: a life at stake, then who was answered and left, then the longest ring. */
export function byNeed(one: Call, other: Call): number {
  return rank(one) - rank(other) || since_ms(one) - since_ms(other);
}

export function longestFirst(one: Call, other: Call): number {
  return since_ms(one) - since_ms(other);
}

export const isRinging = (call: Call) => call.state === "offered";
export const isAbandoned = (call: Call) => call.state === "abandoned";
export const isTalking = (call: Call) => call.state === "answered" || call.state === "located";

/** Handed over: belongs to an incident, or needs nothing. */
export const isHandedOver = (call: Call) =>
  call.state === "triaged" || call.state === "linked" || call.state === "closed";

let ring_s = RING_TARGET_S;
let callBack_s = CALL_BACK_TARGET_S;

/** Seconds in which a ringing call should be answered, or an abandoned one called back: the centre's rule, where it is known. */
export function waitTarget_s(call: Call): number {
  const due_s = (Date.parse(call.due_at ?? "") - since_ms(call)) / 1000;
  if (call.due_alarm === "ring_unanswered" && due_s > 0) ring_s = Math.round(due_s);
  if (call.due_alarm === "call_back_due" && due_s > 0) callBack_s = Math.round(due_s);
  return call.state === "abandoned" ? callBack_s : ring_s;
}
