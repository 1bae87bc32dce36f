// What has been pressed and not yet come back: the screen goes on with the next question at once, and falls back to what the
// centre says when something was refused. Who answers is bound to the question that was seen.
import type { Call, ProtocolChoice } from "@schema";

/** The question that stands; step null: the end. */
export interface Stand {
  protocol: number;
  version: number;
  step: number | null;
}

export interface Sent {
  /** The answer that was pressed; null: another protocol was begun, or one step taken back. */
  given: Given | null;
  /** Where it leads; null: only the centre knows. */
  to: Stand | null;
  /** The entry of the journal that it became; null while it is on its way. */
  sequence: number | null;
  /** The answers that stand when it has come back. */
  trail: readonly Given[];
}

/** Answer 0: another protocol was begun. */
export interface Given {
  protocol: number;
  version: number;
  step: number;
  answer: number;
}

/** A question must have been seen for so long before it is answered: a double press answers one. */
export const SEEN_MS = 250;

export function standOf(call: Call): Stand | null {
  const { triage } = call;
  return triage ? { protocol: triage.protocol, version: triage.version, step: triage.step } : null;
}

/** Where an answer leads; the version of another protocol is the one in use. */
export function leadsTo(
  choice: ProtocolChoice,
  from: Stand,
  versionOf: (protocol: number) => number | undefined,
): Stand {
  if (!choice.to) return { ...from, step: null };
  const { protocol, step } = choice.to;
  return { protocol, step, version: protocol === from.protocol ? from.version : (versionOf(protocol) ?? 0) };
}

/** The answers that stand once all that was sent has come back. */
export function trailOf(given: readonly Given[], ahead: readonly Sent[]): readonly Given[] {
  return ahead.at(-1)?.trail ?? given;
}

/** One step back: the question whose answer is taken back; before a protocol that was begun, only the centre knows. */
export function stepBack(trail: readonly Given[]): Pick<Sent, "to" | "trail"> {
  const last = trail.at(-1);
  const to = last && last.answer > 0 ? { protocol: last.protocol, version: last.version, step: last.step } : null;
  return { to, trail: trail.slice(0, -1) };
}

/** How many of those sent, from the first, the screen has seen come back. */
export function confirmedCount(sent: readonly Sent[], sequence: number): number {
  const open = sent.findIndex((one) => one.sequence === null || one.sequence > sequence);
  return open < 0 ? sent.length : open;
}

/** The question to show: the one that the newest press leads to, else the centre's. */
export function shownStand(server: Stand | null, ahead: readonly Sent[]): Stand | null {
  return ahead.findLast((one) => one.to !== null)?.to ?? server;
}
