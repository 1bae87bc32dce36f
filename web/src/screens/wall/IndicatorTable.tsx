import type { District } from "@schema";
import { useTranslation } from "react-i18next";
import { clockText, NOTHING, useFormat } from "@/i18n/format";
import styles from "@/screens/wall/Indicators.module.css";
import { Age, Pane } from "@/screens/wall/Pane";
import {
  districtLines,
  type Figure,
  type IndicatorReport,
  type Indicators,
  reportOf,
  SHOWN,
} from "@/screens/wall/report";
import type { Polled } from "@/screens/wall/usePolled";
import { classes } from "@/ui";

const DISTRICTS_MAX = 6;
const OLD_S = 900;
/** Those whose name has a time in it. */
const LIMITS = { answered_10s: true, departed_3min: true, handover_15min: true };

function useValue(): (value: number | null, unit: "share" | "s") => string {
  const { t } = useTranslation("wall");
  const format = useFormat();
  return (value, unit) => {
    if (value === null) return NOTHING;
    if (unit === "share") return format.percent(value);
    return value < 3600 ? clockText(value) : t("indicators.minutes", { n: format.number(value / 60) });
  };
}

function Value({ figure, report }: { figure: Figure | undefined; report: IndicatorReport | undefined }) {
  const { t } = useTranslation("wall");
  const show = useValue();
  if (!figure || !report || figure.value === null)
    return <td className={classes(styles.cell, styles.value)}>{NOTHING}</td>;
  return (
    <td className={classes(styles.cell, styles.value)} data-met={figure.met ?? undefined}>
      {figure.met === null ? null : (
        <span className={styles.sign} role="img" aria-label={t(figure.met ? "indicators.met" : "indicators.missed")}>
          {figure.met ? "✓" : "✗"}
        </span>
      )}
      {show(figure.value, report.unit)}
    </td>
  );
}

/** Today's indicators by district, each against its target. */
export function IndicatorTable({ report, districts }: { report: Polled<Indicators>; districts: readonly District[] }) {
  const { t } = useTranslation("wall");
  const format = useFormat();
  const show = useValue();
  const { data } = report;
  const nameOf = (id: number) => districts.find((one) => one.id === id)?.name ?? String(id);
  const columns = SHOWN.map((name) => reportOf(data, name));
  const lines = data ? districtLines(data, DISTRICTS_MAX) : { shown: [], more: 0 };
  return (
    <Pane area="indicators" title={t("indicators.title")} aside={<Age {...report} limit_s={OLD_S} />}>
      <table className={styles.indicators}>
        <thead>
          <tr>
            <th scope="col" className={classes(styles.cell, styles.first)}>
              <span className="visually-hidden">{t("indicators.district")}</span>
            </th>
            {SHOWN.map((name, index) => {
              const column = columns[index];
              const sign = column?.better === "low" ? "≤" : "≥";
              return (
                <th key={name} scope="col" className={classes(styles.cell, styles.title)}>
                  {t(`indicators.name.${name}`)}
                  {name in LIMITS ? <span className={styles.line}>{t(`indicators.limit.${name}`)}</span> : null}
                  <span className={styles.line}>
                    {column?.target == null ? NOTHING : `${sign} ${show(column.target, column.unit)}`}
                  </span>
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          <tr className={styles.whole}>
            <th scope="row" className={classes(styles.cell, styles.name)}>
              {data?.district == null ? t("indicators.whole") : nameOf(data.district)}
            </th>
            {SHOWN.map((name, index) => (
              <Value key={name} figure={columns[index]} report={columns[index]} />
            ))}
          </tr>
          {lines.shown.map((line) => (
            <tr key={line.district}>
              <th scope="row" className={classes(styles.cell, styles.name)}>
                {nameOf(line.district)}
              </th>
              {SHOWN.map((name, index) => (
                <Value key={name} figure={line.figures[index]} report={columns[index]} />
              ))}
            </tr>
          ))}
          <tr className={styles.cases}>
            <th scope="row" className={classes(styles.cell, styles.name)}>
              {lines.more > 0 ? t("indicators.more", { count: lines.more }) : t("indicators.cases")}
            </th>
            {SHOWN.map((name, index) => (
              <td key={name} className={classes(styles.cell, styles.value)}>
                {format.number(columns[index]?.n ?? 0)}
              </td>
            ))}
          </tr>
        </tbody>
      </table>
    </Pane>
  );
}
