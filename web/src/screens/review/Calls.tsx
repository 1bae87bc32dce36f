import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { formText } from "@/lib/form";
import { CALLS_MAX } from "@/screens/review/asks";
import { type CallFigure, callsOf, type Figure, limitOf } from "@/screens/review/figures";
import { PaperMark } from "@/screens/review/PaperMark";
import styles from "@/screens/review/Review.module.css";
import { useFocusHere } from "@/screens/review/useFocusHere";
import type { Review } from "@/screens/review/useReview";
import { useFigureWords } from "@/screens/review/words";
import { useDraft } from "@/shell/drafts";
import { setQuery, useQueryId } from "@/shell/router";
import { Badge, Checkbox, classes, Empty, Field, PriorityMark, VirtualList } from "@/ui";

function offText(off_s: number | null, met: boolean | null, failed: string, time: (seconds: number) => string): string {
  if (off_s === null) return met === false ? failed : "";
  const whole = Math.round(off_s);
  return `${whole > 0 ? "+" : whole < 0 ? "−" : ""}${time(Math.abs(whole))}`;
}

function Row({ one, review }: { one: CallFigure; review: Review }) {
  const { t } = useTranslation("review");
  const format = useFormat();
  const words = useFigureWords();
  const { call, value_s, off_s, met } = one;
  return (
    <div className={styles.callRow}>
      <span className={styles.small}>{format.dateTime(call.at.call_offered)}</span>
      <span className={styles.callName}>
        {call.priority ? <PriorityMark priority={call.priority} short /> : null}
        {t("calls.call", { id: call.call })}
        {call.incident === null ? null : (
          <span className={styles.small}>{t("calls.incident", { id: call.incident })}</span>
        )}
      </span>
      <span className={styles.callPlace}>
        {call.form === null ? null : <PaperMark form={call.form} />} {review.names.district(call.district)}
      </span>
      <span>
        <Badge tone={call.result === "shortfall" || call.result === "lost" ? "bad" : "plain"}>
          {t(`result.${call.result}`)}
        </Badge>
      </span>
      <span className={styles.time}>{value_s === null ? "" : words.time(value_s)}</span>
      <span className={classes(styles.off, met === false && styles.bad)}>
        {offText(off_s, met, t("notMet"), words.time)}
      </span>
    </div>
  );
}

/** What is typed finds a call or an incident by number, a district or a unit by its name. */
function matches(one: CallFigure, wanted: string, review: Review): boolean {
  const { call } = one;
  const { names } = review;
  const texts = [
    `${call.call}`,
    `${call.incident ?? ""}`,
    names.district(call.district),
    call.unit ? names.unit(call.unit) : "",
    call.form === null ? "" : formText(call.form),
  ];
  return texts.some((text) => text.toLowerCase().includes(wanted));
}

export function Calls({ review, figure }: { review: Review; figure: Figure }) {
  const { t } = useTranslation("review");
  const words = useFigureWords();
  const [filter, setFilter] = useDraft("review.filter", "");
  const [failed, setFailed] = useDraft("review.failed", false);
  const [paper, setPaper] = useDraft("review.paper", false);
  const [selected, select] = useQueryId("call");
  const { calls, group, report } = review;
  const items = calls.value?.items;
  const all = useMemo(
    () => callsOf(figure, report.value?.intervals ?? [], items ?? [], group),
    [figure, report.value, items, group],
  );
  const here = useFocusHere<HTMLDivElement>();
  const wanted = filter.trim().toLowerCase();
  const passes = (one: CallFigure) => (!failed || one.met === false) && (!paper || one.call.form !== null);
  const shown = all.filter((one) => passes(one) && (wanted === "" || matches(one, wanted, review)));
  const byId = new Map(shown.map((one) => [one.call.call, one]));
  const open = useCallback(
    (id: number) => {
      const incident = items?.find((call) => call.call === id)?.incident;
      if (incident) setQuery({ call: id, incident, tab: "story" }, false);
    },
    [items],
  );
  const limit = limitOf(figure);
  return (
    <div className={styles.list}>
      <div className={styles.filter}>
        <Field
          label={t("calls.filter")}
          labelHidden
          placeholder={t("calls.filter")}
          value={filter}
          onChange={setFilter}
        />
        <Checkbox isSelected={failed} onChange={setFailed}>
          {t("calls.failed")}
        </Checkbox>
        {paper || report.value?.calls.afterwards ? (
          <Checkbox isSelected={paper} onChange={setPaper}>
            {t("afterwards.only")}
          </Checkbox>
        ) : null}
        <span className={styles.small}>
          {t("calls.shown", { shown: words.number(shown.length), all: words.number(all.length) })}
          {limit === null ? null : ` · ${t("calls.limit", { limit: words.time(limit) })}`}
          {calls.value?.more ? ` · ${t("calls.more", { count: CALLS_MAX })}` : null}
        </span>
      </div>
      <div className={styles.listBody}>
        <VirtualList
          label={t("calls.title", { figure: words.title(figure) })}
          ids={shown.map((one) => one.call.call)}
          rowHeight={40}
          listRef={here}
          selected={selected}
          onSelect={select}
          onAct={open}
          row={(id) => {
            const one = byId.get(id);
            return one ? <Row one={one} review={review} /> : null;
          }}
          empty={<Empty title={calls.loading ? t("loading") : t("calls.none")}>{t("calls.noneText")}</Empty>}
        />
      </div>
      <p className={styles.explain}>{t("calls.help")}</p>
    </div>
  );
}
