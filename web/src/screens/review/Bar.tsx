import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { centreStore } from "@/api/centre";
import { useFormat } from "@/i18n/format";
import { useLabel } from "@/i18n/labels";
import { serverNow_ms } from "@/live/clock";
import { callRows, figureRows, saveCsv } from "@/screens/review/csv";
import { PRIORITIES } from "@/screens/review/figures";
import { fieldOf, PERIODS, type PeriodName } from "@/screens/review/period";
import styles from "@/screens/review/Review.module.css";
import type { Review } from "@/screens/review/useReview";
import { setQuery, useRoute } from "@/shell/router";
import { Button, Menu, PriorityMark, Select } from "@/ui";
import { DateField } from "@/ui/DateField";

function Custom() {
  const { t } = useTranslation("review");
  const { query } = useRoute();
  const set = (name: "from" | "to") => (value: string) => setQuery({ [name]: value });
  return (
    <>
      <DateField label={t("bar.from")} withTime value={query.from ?? ""} onChange={set("from")} />
      <DateField label={t("bar.to")} withTime value={query.to ?? ""} onChange={set("to")} />
    </>
  );
}

function useExport(review: Review) {
  const { report, calls, names } = review;
  const stamp = () => `${report.value?.from.slice(0, 16)}_${report.value?.to.slice(0, 16)}`.replaceAll(":", "");
  return {
    figures: () => report.value && saveCsv(`mingdi-figures-${stamp()}.csv`, figureRows(report.value, names.district)),
    calls: () => calls.value && saveCsv(`mingdi-calls-${stamp()}.csv`, callRows(calls.value.items, names.district)),
  };
}

/** From and to begin as the period that is shown. */
function choosePeriod(review: Review, timeZone: string, name: PeriodName): void {
  const own = name === "custom" && review.period;
  setQuery({
    period: name,
    from: own ? fieldOf(own.from_ms, timeZone) : null,
    to: own ? fieldOf(own.to_ms, timeZone) : null,
    fresh: Math.floor(serverNow_ms()),
  });
}

function Choices({ review }: { review: Review }) {
  const { t } = useTranslation("review");
  const label = useLabel();
  const timeZone = useStore(centreStore, (centre) => centre.timeZone);
  const { group, names } = review;
  const districts = names.districts.map(({ id, name }) => ({ value: String(id), text: name }));
  const all = { value: "all", text: t("bar.allDistricts") };
  const unknown = { value: "0", text: t("unknownDistrict") };
  return (
    <>
      <Select
        label={t("bar.period")}
        value={review.name}
        onChange={(name) => choosePeriod(review, timeZone, name)}
        choices={PERIODS.map((value) => ({ value, text: t(`period.${value}`) }))}
      />
      {review.name === "custom" ? <Custom /> : null}
      <Select
        label={t("bar.district")}
        value={group.district === null ? "all" : String(group.district)}
        onChange={(value) => setQuery({ district: value === "all" ? null : value })}
        choices={review.wholeCentre ? [all, ...districts, unknown] : districts}
      />
      <Select
        label={t("bar.priority")}
        value={group.priority ?? "all"}
        onChange={(value) => setQuery({ priority: value === "all" ? null : value })}
        choices={[
          { value: "all", text: t("bar.allPriorities") },
          ...PRIORITIES.map((value) => ({
            value: value as string,
            text: label("priority", value),
            mark: <PriorityMark priority={value} short />,
          })),
        ]}
      />
    </>
  );
}

export function Bar({ review }: { review: Review }) {
  const { t } = useTranslation("review");
  const format = useFormat();
  const { report, period } = review;
  const save = useExport(review);
  const calls = report.value?.calls.all;
  return (
    <div className={styles.bar}>
      <Choices review={review} />
      <p className={styles.about} aria-live="polite">
        {period
          ? t("bar.about", { from: format.dateTime(period.from_ms), to: format.dateTime(period.to_ms) })
          : t("bar.wrong")}
        {calls === undefined ? null : <span>{t("bar.calls", { count: calls, number: format.number(calls) })}</span>}
        {report.value?.calls.afterwards ? (
          <span>▤ {t("afterwards.calls", { number: format.number(report.value.calls.afterwards) })}</span>
        ) : null}
        {report.loading ? <span>{t("loading")}</span> : null}
      </p>
      <div className={styles.barEnd}>
        <Button onPress={review.refresh} hint="r">
          {t("bar.refresh")}
        </Button>
        <Menu
          label={t("bar.export")}
          button={<Button>{t("bar.export")}</Button>}
          items={[
            { id: "figures", text: t("bar.exportFigures"), disabled: !report.value },
            { id: "calls", text: t("bar.exportCalls"), disabled: !review.calls.value },
          ]}
          onAct={(id) => (id === "calls" ? save.calls() : save.figures())}
        />
      </div>
    </div>
  );
}
