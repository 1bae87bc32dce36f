import type { Call, CallAnswers, TriageMarkLabel } from "@schema";
import { useEffect, useRef } from "react";
import { get } from "@/api/client";
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
/** Events and entities of one change come together; what differs for longer is missing. */
const SETTLE_MS = 300;

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

/** The centre's own list of answers in the form of the log: there an answer 0 stands where another protocol was begun. */
export function logOf(items: CallAnswers["items"], triage: NonNullable<Call["triage"]>): Given[] {
  const stand = { protocol: triage.protocol, version: triage.version, step: triage.step ?? 0 };
  const begun = ({ protocol, version, step }: Omit<Given, "answer">): Given => ({ protocol, version, step, answer: 0 });
  const lines = items.map((item, index) => (item.answer > 0 ? item : begun(items[index + 1] ?? stand)));
  return [begun(items[0] ?? stand), ...lines].slice(-KEPT);
}

/** Whether the page has not heard of all: it opened the call later, at another seat, or events were left out. */
export function isBehind(log: AnswerLog, triage: Call["triage"]): boolean {
  if (!triage || log.given.length >= KEPT) return false;
  return log.given.length === 0 || log.given.filter((one) => one.answer > 0).length !== triage.answered;
}

/** The answers given in a call, as the centre told them while this page looked, and else as the centre lists them. */
export function useAnswers(call: Call): AnswerLog {
  const { id, triage } = call;
  const [log, setLog] = useDraft<AnswerLog>(`call.${id}.answers`, EMPTY);
  const newest = useRef(log);
  newest.current = log;
  useEffect(
    () =>
      subscribeEvents((events) => {
        const mine = events.filter((event) => event.call === id);
        const next = mine.reduce(afterEvent, newest.current);
        if (next === newest.current) return;
        newest.current = next;
        setLog(next);
      }),
    [id, setLog],
  );
  const now = useRef(triage);
  now.current = triage;
  const behind = isBehind(log, triage);
  const answered = triage?.answered;
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked anew when another answer has come of which nothing was heard
  useEffect(() => {
    if (!behind) return undefined;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      get<CallAnswers>(`/api/v1/calls/${id}/answers`, { signal: abort.signal }).then(
        ({ items }) => {
          // What was heard meanwhile may be more than this answer tells.
          if (now.current && isBehind(newest.current, now.current))
            setLog({ ...newest.current, given: logOf(items, now.current) });
        },
        () => {
          // As before: what was heard is shown.
        },
      );
    }, SETTLE_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [id, behind, answered, setLog]);
  return log;
}
