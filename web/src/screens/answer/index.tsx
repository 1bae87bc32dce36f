import type { Call, Point } from "@schema";
import { useCallback, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { get } from "@/api/client";
import { useFetchedEntity } from "@/live/fetch";
import { entityOf, liveStore } from "@/live/state";
import styles from "@/screens/answer/Answer.module.css";
import { CallList, useWaiting } from "@/screens/answer/CallList";
import { Desk } from "@/screens/answer/Desk";
import { Idle } from "@/screens/answer/Idle";
import { isAbandoned, isTalking, longestFirst } from "@/screens/answer/need";
import { loadProtocols } from "@/screens/answer/protocols";
import { RingSound } from "@/screens/answer/RingSound";
import { SeatMenu } from "@/screens/answer/SeatMenu";
import { resetScript } from "@/screens/answer/script";
import { TakeDown } from "@/screens/answer/TakeDown";
import { useFirstSteps } from "@/screens/answer/useFirstSteps";
import { useSeat } from "@/screens/answer/useSeat";
import { useTake } from "@/screens/answer/useTake";
import { useDraft } from "@/shell/drafts";
import { useKeys } from "@/shell/keys";
import { notify } from "@/shell/notices";
import { useQueryId } from "@/shell/router";
import { Empty } from "@/ui";

function firstAbandoned(): number | undefined {
  return [...liveStore.getState().tables.calls.values()].filter(isAbandoned).sort(longestFirst)[0]?.id;
}

/**
 * Whoever comes back from another screen, or loads the page anew, finds the call that was open: also one that was handed over,
 * for its caller is on the line until the next call is taken. Only the centre can tell whether such a call is over.
 */
function useOpenCall(id: number | null, open: (id: number) => void): void {
  const [last, setLast] = useDraft<number | null>("answer.open", null);
  const first = useRef({ id, last });
  useEffect(() => {
    const { id: asked, last: before } = first.current;
    if (asked !== null || before === null) return undefined;
    const abort = new AbortController();
    const take = (call: Call) => {
      if (!abort.signal.aborted && call.state !== "closed") open(call.id);
    };
    const known = entityOf("calls", before);
    if (known) take(known);
    else get<Call>(`/api/v1/calls/${before}`, { signal: abort.signal }).then(take, () => {});
    return () => abort.abort();
  }, [open]);
  useEffect(() => setLast(id), [id, setLast]);
}

export default function AnswerScreen() {
  const { t } = useTranslation("answer");
  const [id, setId] = useQueryId("call");
  const seats = useSeat();
  const { entity: call, problem } = useFetchedEntity("calls", id);
  const waiting = useWaiting(seats.seat, id);
  const lastPoint = useRef<Point | null>(null);
  if (call?.point) lastPoint.current = call.point;

  // The address is the same whichever rendering changes it.
  const setCall = useRef(setId);
  setCall.current = setId;
  const open = useCallback((wanted: number) => {
    resetScript();
    setCall.current(wanted);
  }, []);
  const take = useTake(seats.seat, open);
  const busy = call !== undefined && isTalking(call);
  useOpenCall(id, open);
  useFirstSteps(call);
  useEffect(() => {
    void loadProtocols();
  }, []);

  const next = () => {
    const first = waiting[0];
    setId(null);
    if (first !== undefined) take(first);
  };
  const callBack = () => {
    const first = firstAbandoned();
    if (first !== undefined) take(first);
  };
  const [down, setDown] = useState(false);
  const takeDown = () => (seats.seat ? setDown(true) : notify({ tone: "warn", text: t("missing.seat") }));
  useKeys(t("title"), [
    { keys: "Alt+n", text: t("takeDown.title"), run: takeDown, disabled: busy },
    { keys: "F2", text: t("list.next"), run: next, disabled: busy || waiting.length === 0 },
    { keys: "F7", text: t("callBack.next"), run: callBack, disabled: busy },
  ]);
  return (
    <div className={styles.screen} data-idle={!call}>
      <div className={styles.left}>
        <CallList waiting={waiting} onTake={take} busy={busy} />
        {call ? (
          <div className={styles.seatBar}>
            <SeatMenu {...seats} />
            <RingSound seat={seats.seat} busy={busy} />
          </div>
        ) : null}
      </div>
      {call ? (
        <Desk key={call.id} call={call} near={lastPoint.current} onNext={next} />
      ) : id !== null ? (
        <Empty title={problem ? t("gone.title") : t("triage.loading")}>{problem ? t("gone.text") : null}</Empty>
      ) : (
        <Idle seats={seats} waiting={waiting} onTake={take} onTakeDown={takeDown} />
      )}
      {down && seats.seat ? <TakeDown seat={seats.seat} onTaken={open} onClose={() => setDown(false)} /> : null}
    </div>
  );
}
