// The status that was reported last, for the moment after it: the core takes none back, for the clocks of a patient are not
// rewritten. Who pressed it by mistake tells the dispatcher, with one touch and in fixed words.

import type { UnitEvent } from "@schema";
import { createStore } from "zustand/vanilla";
import { centreNow_ms } from "@/lib/contact";
import type { Kept } from "@/lib/kept";
import { act, writeMessage } from "@/screens/crew/acts";
import type { Known } from "@/screens/crew/known";
import type { Stage } from "@/screens/crew/stages";

/** So long it is offered: a mistake of this kind is seen at once, by the next words on the big button. */
export const OFFERED_MS = 120_000;

export interface Reported extends Pick<Kept, "path" | "body" | "at_ms"> {
  unit: number;
  incident: number | null;
  /** The dispatcher was told that it was a mistake. */
  told: boolean;
}

export const reportedStore = createStore<{ last: Reported | null }>(() => ({ last: null }));

let timer: ReturnType<typeof setTimeout> | undefined;

function note({ unit, incident, mission }: Known, path: string, body: Reported["body"]): void {
  const of = incident?.id ?? mission?.incident ?? null;
  reportedStore.setState({ last: { path, body, at_ms: centreNow_ms(), unit: unit.id, incident: of, told: false } });
  clearTimeout(timer);
  timer = setTimeout(forgetReported, OFFERED_MS);
}

export function forgetReported(): void {
  clearTimeout(timer);
  reportedStore.setState({ last: null });
}

/** at_ms: of what happened, where that was not just now. */
export function reportStage(known: Known, stage: Stage, at_ms?: number): void {
  if (!known.mission) return;
  const fields = { mission: known.mission.id, stage };
  note(known, "/mission_report", fields);
  act("mission_report", fields, at_ms);
}

export function reportUnit(known: Known, what: UnitEvent, at_ms?: number): void {
  const fields = { unit: known.unit.id, what };
  note(known, "/unit_report", fields);
  act("unit_report", fields, at_ms);
}

/** The words go the way of every message: kept on the phone, behind the status itself. */
export function tellMistake(text: string): void {
  const { last } = reportedStore.getState();
  if (!last || last.told) return;
  writeMessage(last.unit, last.incident, text);
  reportedStore.setState({ last: { ...last, told: true } });
}
