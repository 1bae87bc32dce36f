import { useTranslation } from "react-i18next";
import { type Figure, type Group, groupOf, type IndicatorFigure, type Times } from "@/screens/review/figures";
import styles from "@/screens/review/Review.module.css";
import { figureKey, type Review } from "@/screens/review/useReview";
import { barOf, useFigureWords } from "@/screens/review/words";
import { setQuery } from "@/shell/router";
import { classes, Panel, VirtualList } from "@/ui";

/** Met or not, by a sign and a word; the colour only helps. */
export function Met({ met }: { met: boolean | null }) {
  const { t } = useTranslation("review");
  if (met === null) return <span className={styles.met} />;
  return (
    <span className={classes(styles.met, met ? styles.good : styles.bad)}>
      <span aria-hidden="true">{met ? "✓" : "✕"}</span>
      <span className="visually-hidden">{met ? t("met") : t("notMet")}</span>
    </span>
  );
}

export function Bar({ figure, value, met }: { figure: IndicatorFigure; value: number | null; met: boolean | null }) {
  const { value: at, max, target } = barOf(figure, value);
  const share = (part: number) => `${Math.min(100, (part / max) * 100)}%`;
  return (
    <span className={styles.track} aria-hidden="true">
      <span className={classes(styles.fill, met === false && styles.fillBad)} style={{ width: share(at) }} />
      {target === undefined ? null : <span className={styles.target} style={{ left: share(target) }} />}
    </span>
  );
}

/** How many of the sample were worked on paper and entered afterwards. */
function Afterwards({ n }: { n: number | undefined }) {
  const { t } = useTranslation("review");
  const words = useFigureWords();
  return n ? <span title={t("afterwards.title")}>{t("afterwards.of", { n: words.number(n) })}</span> : null;
}

function IndicatorRow({ figure, group }: { figure: Figure & { kind: "indicator" }; group: Group }) {
  const { t } = useTranslation("review");
  const words = useFigureWords();
  const share = groupOf(figure.figure, group);
  return (
    <div className={styles.figure}>
      <span className={styles.figureTitle}>{words.title(figure)}</span>
      <Met met={share?.met ?? null} />
      <span className={styles.figureValue}>{words.value(figure.figure, share?.value ?? null)}</span>
      <Bar figure={figure.figure} value={share?.value ?? null} met={share?.met ?? null} />
      <span className={styles.small}>{words.target(figure.figure)}</span>
      <span className={styles.small}>{t("samples", { n: words.number(share?.n ?? 0) })}</span>
      <span className={styles.small}>
        {share?.missing ? t("missing", { n: words.number(share.missing) }) : null}
        {share?.missing && share.afterwards ? " · " : null}
        <Afterwards n={share?.afterwards} />
      </span>
    </div>
  );
}

function IntervalRow({ figure, group }: { figure: Figure & { kind: "interval" }; group: Group }) {
  const { t } = useTranslation("review");
  const words = useFigureWords();
  const times = groupOf<Times>(figure.figure, group);
  const cells = [times?.p50_s, times?.p90_s, times?.p95_s, times?.p99_s];
  return (
    <div className={styles.interval}>
      <span className={styles.figureTitle}>{words.title(figure)}</span>
      <span className={styles.small}>
        {t("samples", { n: words.number(times?.n ?? 0) })}
        {times?.missing ? ` · ${t("missing", { n: words.number(times.missing) })}` : null}
        {times?.afterwards ? " · " : null}
        <Afterwards n={times?.afterwards} />
      </span>
      {cells.map((seconds, index) => (
        <span key={["p50", "p90", "p95", "p99"][index]} className={styles.time}>
          {words.time(seconds ?? null)}
        </span>
      ))}
    </div>
  );
}

function IntervalHead() {
  return (
    <div className={styles.intervalHead} aria-hidden="true">
      {["P50", "P90", "P95", "P99"].map((name) => (
        <span key={name} className={styles.time}>
          {name}
        </span>
      ))}
    </div>
  );
}

/** The figures of the period; the chosen one is what the other side tells more of. */
export function Figures({ review }: { review: Review }) {
  const { t } = useTranslation("review");
  const { figures, figure, group } = review;
  const ids = (kind: Figure["kind"]) => figures.flatMap((one, index) => (one.kind === kind ? [index + 1] : []));
  const selected = figure ? figures.indexOf(figure) + 1 : null;
  const select = (id: number) => {
    const chosen = figures[id - 1];
    if (chosen) setQuery({ figure: figureKey(chosen) });
  };
  const row = (id: number) => {
    const one = figures[id - 1];
    if (!one) return null;
    return one.kind === "indicator" ? (
      <IndicatorRow figure={one} group={group} />
    ) : (
      <IntervalRow figure={one} group={group} />
    );
  };
  const list = { row, selected, onSelect: select, onAct: () => setQuery({ tab: "calls" }) };
  return (
    <div className={styles.figures}>
      <Panel title={t("figures.indicators")}>
        <VirtualList label={t("figures.indicators")} ids={ids("indicator")} rowHeight={54} {...list} />
      </Panel>
      <Panel title={t("figures.times")} tools={<IntervalHead />}>
        <VirtualList label={t("figures.timesLabel")} ids={ids("interval")} rowHeight={44} {...list} />
      </Panel>
    </div>
  );
}
