import type { Call } from "@schema";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { sessionStore } from "@/api/session";
import { useHands } from "@/live/hooks";
import styles from "@/screens/answer/Desk.module.css";
import { isTalking, waitTarget_s } from "@/screens/answer/need";
import type { AnswerLog } from "@/screens/answer/useAnswers";
import { Badge, Elapsed, StateMark } from "@/ui";

function Clock({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div className={styles.clock}>
      <span className={styles.clockLabel}>{label}</span>
      {children}
    </div>
  );
}

/** Number, state and the clocks of the call. */
export function CallHead({ call, log, number }: { call: Call; log: AnswerLog; number: string }) {
  const { t } = useTranslation("answer");
  const me = useStore(sessionStore, (store) => store.session?.person.id);
  const others = useHands("call", call.id).filter((hand) => hand.person !== me);
  const rang_s = (Date.parse(call.answered_at ?? "") - Date.parse(call.offered_at ?? "")) / 1000;
  const target_s = waitTarget_s(call);
  const marks = call.triage?.marks ?? [];
  const pushing = marks.includes("compressions_begun") && !marks.includes("breathing_returned");
  return (
    <header className={styles.head}>
      <div className={styles.who}>
        <h2 className={styles.number}>{number || t("caller.noNumber")}</h2>
        <p className={styles.line}>
          <span>{t("list.call", { id: call.id })}</span>
          <StateMark kind="call_state" state={call.state} />
          {rang_s > target_s ? <Badge tone="warn">{t("head.rangLong")}</Badge> : null}
          {call.seat_code && isTalking(call) ? <span>{call.seat_code}</span> : null}
          {others.length > 0 ? (
            <Badge tone="warn">{t("head.others", { names: others.map((hand) => hand.name).join(", ") })}</Badge>
          ) : null}
        </p>
      </div>
      {marks.includes("arrest_recognised") && log.reached.arrest_recognised ? (
        <Clock label={t("head.recognised")}>
          <Elapsed since={call.answered_at} until={log.reached.arrest_recognised} target_s={90} bare />
        </Clock>
      ) : null}
      {pushing ? (
        <Clock label={t("head.compressions")}>
          <Elapsed since={log.reached.compressions_begun ?? null} large />
        </Clock>
      ) : null}
      <Clock label={t("head.answered")}>
        <Elapsed since={call.answered_at} large />
      </Clock>
    </header>
  );
}
