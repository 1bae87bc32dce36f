import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { centreStore } from "@/api/centre";
import { PrintBoard } from "@/board/PrintBoard";
import { clockText, NOTHING, useFormat } from "@/i18n/format";
import { useConnection, useNow } from "@/live/hooks";
import { liveStore } from "@/live/state";
import { loadOf } from "@/screens/wall/figures";
import { type Indicators, reportOf } from "@/screens/wall/report";
import styles from "@/screens/wall/Strip.module.css";
import type { Polled } from "@/screens/wall/usePolled";
import { classes } from "@/ui";

interface FigureProps {
  name: string;
  children: ReactNode;
  note?: ReactNode;
  /** Something is to be done about it; said by a sign too. */
  bad?: boolean;
  wide?: boolean;
}

function Figure({ name, children, note, bad, wide }: FigureProps) {
  return (
    <div className={classes(styles.figure, bad && styles.bad, wide && styles.wide)}>
      <dt className={styles.name}>{name}</dt>
      <dd className={styles.value}>
        <strong className={styles.large}>
          {bad ? "! " : null}
          {children}
        </strong>
        {note ? <span className={styles.note}>{note}</span> : null}
      </dd>
    </div>
  );
}

const RING_TARGET_S = 10;

/** The clock, and what comes in. */
export function Strip({ report }: { report: Polled<Indicators> | null }) {
  const { t } = useTranslation("wall");
  const format = useFormat();
  const now = useNow();
  const { cut } = useConnection();
  const heardAt_ms = useStore(liveStore, (live) => live.heardAt_ms);
  const silent_s = Math.max(0, (performance.now() - heardAt_ms) / 1000);
  const name = useStore(centreStore, (centre) => centre.name);
  const load = loadOf(liveStore.getState().tables.calls.values(), now);
  const data = report?.data ?? null;
  const answered = reportOf(data, "answered_10s");
  const met = answered?.met;
  return (
    <div className={styles.strip}>
      <div className={styles.clock}>
        <time className={styles.time}>{format.time(now)}</time>
        <span className={classes(styles.place, cut && styles.cut)}>
          {cut ? `⚠ ${t("strip.cut", { age: format.duration(silent_s) })}` : `${name} · ${format.date(now)}`}
        </span>
        <PrintBoard />
      </div>
      <dl className={styles.figures}>
        <Figure
          name={t("strip.ringing")}
          bad={load.longestRing_s > RING_TARGET_S}
          note={load.ringing > 0 ? t("strip.longest", { time: clockText(load.longestRing_s) }) : t("strip.nobody")}
        >
          {format.number(load.ringing)}
        </Figure>
        <Figure name={t("strip.talking")}>{format.number(load.talking)}</Figure>
        <Figure name={t("strip.callBack")} bad={load.callBack > 0}>
          {format.number(load.callBack)}
        </Figure>
        {report ? (
          <>
            <Figure
              name={t("strip.answered")}
              wide
              bad={met === false}
              note={
                answered?.target
                  ? t("strip.targetOf", { target: format.percent(answered.target), n: format.number(answered.n) })
                  : null
              }
            >
              {answered?.value == null ? NOTHING : format.percent(answered.value, answered.value < 1 ? 1 : 0)}
            </Figure>
            <Figure name={t("strip.over")} note={t("strip.served", { n: format.number(data?.calls.served ?? 0) })}>
              {data ? format.number(data.calls.all) : NOTHING}
            </Figure>
            <Figure
              name={t("strip.shortfalls")}
              bad={(data?.calls.shortfall ?? 0) > 0}
              note={t("strip.gaveUp", { n: format.number(data?.calls.lost ?? 0) })}
            >
              {data ? format.number(data.calls.shortfall) : NOTHING}
            </Figure>
          </>
        ) : null}
      </dl>
    </div>
  );
}
