import type { Call } from "@schema";
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { useLabel } from "@/i18n/labels";
import { formText } from "@/lib/form";
import { subscribeEvents } from "@/live/apply";
import { useConnection } from "@/live/hooks";
import { enteredCalls } from "@/screens/paper/ask";
import type { Outage } from "@/screens/paper/check";
import styles from "@/screens/paper/Paper.module.css";
import { useAnswer } from "@/screens/review/useAnswer";
import { Badge, Button, Empty, Panel, VirtualList } from "@/ui";

const ROW_HEIGHT = 46;

/** Those that rang while the centre worked on paper, the newest entry first. */
export function ofOutage(calls: readonly Call[], outage: Outage | null): Call[] {
  const within = (call: Call) => {
    const rang_ms = Date.parse(call.offered_at ?? "");
    return outage === null || (rang_ms >= outage.begun_ms && rang_ms < outage.ended_ms);
  };
  return calls.filter(within).sort((one, other) => other.id - one.id);
}

function Row({ call }: { call: Call }) {
  const { t } = useTranslation("paper");
  const format = useFormat();
  const label = useLabel();
  const fate =
    call.state === "triaged"
      ? t("entered.incident", { id: call.incident })
      : call.state === "linked"
        ? t("entered.linked", { id: call.incident })
        : call.outcome
          ? label("call_outcome", call.outcome)
          : label("call_state", call.state);
  const by = t("entered.by", { at: format.dateTime(call.last_change?.at), name: call.last_change?.name ?? "" });
  return (
    <div className={styles.row}>
      <p className={styles.rowLine}>
        <b>{call.form ? formText(call.form) : ""}</b>
        <span>{t("entered.call", { id: call.id })}</span>
        <span className={styles.rowTime}>{t("entered.rang", { at: format.time(call.offered_at) })}</span>
      </p>
      <p className={styles.rowAbout}>
        <Badge>▤ {fate}</Badge>
        <span title={by}>{by}</span>
      </p>
    </div>
  );
}

/** What is in already, whoever entered it. */
export function Entered({ outage, last }: { outage: Outage | null; last: number }) {
  const { t } = useTranslation("paper");
  const { cut } = useConnection();
  const [heard, setHeard] = useState(0);
  const [selected, select] = useState<number | null>(null);
  useEffect(
    () =>
      subscribeEvents((events) => {
        if (events.some(({ event }) => event === "paper_entered")) setHeard((count) => count + 1);
      }),
    [],
  );
  const { value, problem, again } = useAnswer(cut ? null : `${heard} ${last}`, enteredCalls);
  const [known, setKnown] = useState<readonly Call[]>([]);
  if (value && value !== known) setKnown(value);
  const calls = useMemo(() => ofOutage(known, outage), [known, outage]);
  const byId = new Map(calls.map((call) => [call.id, call]));
  return (
    <Panel
      title={outage ? t("entered.title") : t("entered.all")}
      count={calls.length}
      tools={
        problem ? (
          <Button size="small" onPress={again}>
            {t("entered.again")}
          </Button>
        ) : undefined
      }
      className={styles.entered}
    >
      <VirtualList
        label={t("entered.title")}
        ids={calls.map((call) => call.id)}
        rowHeight={ROW_HEIGHT}
        selected={selected}
        onSelect={select}
        row={(id) => {
          const call = byId.get(id);
          return call ? <Row call={call} /> : null;
        }}
        empty={<Empty title={t("entered.none")}>{t("entered.noneText")}</Empty>}
      />
    </Panel>
  );
}
