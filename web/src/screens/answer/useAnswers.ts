import type { TriageMarkLabel } from "@schema";
import { useEffect, useRef } from "react";
import { subscribeEvents } from "@/live/apply";
import { serverNow_ms } from "@/live/clock";
import type { LiveEvent } from "@/live/messages";
import type { Given } from "@/screens/answer/ahead";
import { useDraft } from "@/shell/drafts";

export interface AnswerLog {
  /** Answer 0: another protocol was begun there. */
  given: readonly Given[];
  /** When something was first reached: compressions begun ... */
  reached: Readonly<Partial<Record<TriageMarkLabel, string>>>;
}

const EMPTY: AnswerLog = { given: [], reached: {} };
const KEPT = 100;

function numberOf(event: LiveEvent, name: string): number {
  const value = event[name];
  return typeof value === "number" ? value : 0;
}

function marksOf(event: LiveEvent): TriageMarkLabel[] {
  return Array.isArray(event.marks) ? (event.marks as TriageMarkLabel[]) : [];
}

function reached(log: AnswerLog, event: LiveEvent): AnswerLog {
  const at = typeof event.occurred_at === "string" ? event.occurred_at : new Date(serverNow_ms()).toISOString();
  return { ...log, reached: { ...Object.fromEntries(marksOf(event).map((mark) => [mark, at])), ...log.reached } };
}

/** The newest answer is taken back, or (0) the newest change of protocol. */
function withdrawn(log: AnswerLog, event: LiveEvent): AnswerLog {
  const change = numberOf(event, "answer") === 0;
  const at = log.given.findLastIndex((given) => (given.answer === 0) === change);
  const lost = marksOf(event);
  const kept = Object.entries(log.reached).filter(([mark]) => !(lost as string[]).includes(mark));
  return { given: at < 0 ? log.given : log.given.slice(0, at), reached: Object.fromEntries(kept) };
}

function given(event: LiveEvent): Given {
  const [protocol, version, step] = [numberOf(event, "protocol"), numberOf(event, "version"), numberOf(event, "step")];
  return { protocol, version, step, answer: numberOf(event, "answer") };
}

/** What one event of the call's triage adds to what is remembered of it. A change of protocol is an answer 0. */
export function afterEvent(log: AnswerLog, event: LiveEvent): AnswerLog {
  switch (event.event) {
    case "triage_begun":
    case "answer_given":
      return { ...log, given: [...log.given, given(event)].slice(-KEPT) };
    case "answer_withdrawn":
      return withdrawn(log, event);
    case "milestone_reached":
      return reached(log, event);
    default:
      return log;
  }
}

/** The answers given in a call, as the centre told them while this page looked; kept over a reload. */
export function useAnswers(call: number): AnswerLog {
  const [log, setLog] = useDraft<AnswerLog>(`call.${call}.answers`, EMPTY);
  const newest = useRef(log);
  newest.current = log;
  useEffect(
    () =>
      subscribeEvents((events) => {
        const mine = events.filter((event) => event.call === call);
        const next = mine.reduce(afterEvent, newest.current);
        if (next === newest.current) return;
        newest.current = next;
        setLog(next);
      }),
    [call, setLog],
  );
  return log;
}
