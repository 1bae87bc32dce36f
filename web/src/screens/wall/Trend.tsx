import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import uPlot from "uplot";
import { useStore } from "zustand";
import "uplot/dist/uPlot.min.css";
import { NOTHING, useFormat } from "@/i18n/format";
import { serverNow_ms } from "@/live/clock";
import { liveStore } from "@/live/state";
import { callsToday, HOUR_MS, usualOf } from "@/screens/wall/hours";
import { Pane } from "@/screens/wall/Pane";
import type { HoursToday } from "@/screens/wall/useHours";
import styles from "@/screens/wall/Wall.module.css";
import { themeStore } from "@/shell/theme";

/** Pixels of the smallest figure on a screen of 1920 x 1080. */
const FIGURE_PX = 28;
const UNIT_WIDTH = 1920;
const UNIT_HEIGHT = 1080;

function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function scale(): number {
  return Math.min(window.innerWidth / UNIT_WIDTH, window.innerHeight / UNIT_HEIGHT);
}

type Series = [number[], (number | null)[], (number | null)[]];

function options(width: number, height: number, hourText: (at_ms: number) => string): uPlot.Options {
  const size = FIGURE_PX * scale();
  const axis = {
    stroke: token("text-2"),
    font: `500 ${size}px ${token("font")}`,
    grid: { stroke: token("line"), width: 1 },
    ticks: { show: false },
  };
  return {
    width,
    height,
    legend: { show: false },
    cursor: { show: false },
    padding: [size / 2, size, 0, 0],
    scales: { x: { time: false }, y: { range: (_plot, _low, high) => [0, Math.max(4, high * 1.1)] } },
    axes: [
      {
        ...axis,
        size: size * 1.8,
        gap: size * 0.5,
        splits: (plot) => (plot.data[0] as number[]).filter((_, index) => index % 6 === 0),
        values: (_plot, splits) => splits.map(hourText),
      },
      { ...axis, size: size * 2.6, space: size * 2 },
    ],
    series: [
      {},
      // Today is a bold line with dots, the usual a thin broken one: told apart without colour.
      { stroke: token("accent"), width: size / 7, points: { show: true, size: size / 3, fill: token("accent") } },
      { stroke: token("text-2"), width: size / 14, dash: [size / 3, size / 4], points: { show: false } },
    ],
  };
}

function seriesOf({ hours, today }: HoursToday): Series {
  const { incidents, calls } = liveStore.getState().tables;
  const full = callsToday(hours, today, incidents.values(), calls.values(), serverNow_ms());
  return [[...today], full, today.map((at) => usualOf(hours, at))];
}

/** Calls an hour of today, beside what is usual. */
export function Trend({ known }: { known: HoursToday }) {
  const { t } = useTranslation("wall");
  const format = useFormat();
  const theme = useStore(themeStore, (store) => store.shown);
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const series = useRef<Series>([[], [], []]);
  series.current = seriesOf(known);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme's colours are read when it is drawn
  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const draw = () => {
      plot.current?.destroy();
      const { clientWidth, clientHeight } = element;
      plot.current = new uPlot(options(clientWidth, clientHeight, format.time), series.current, element);
    };
    const watch = new ResizeObserver(draw);
    watch.observe(element);
    return () => {
      watch.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [theme, format]);
  useEffect(() => {
    plot.current?.setData(seriesOf(known));
  }, [known]);
  const [hours, counts, usual] = series.current;
  const last = counts.findLastIndex((count) => count !== null);
  const begin = hours[last];
  const spoken =
    begin === undefined
      ? t("trend.none")
      : t("trend.spoken", {
          from: format.time(begin),
          to: format.time(begin + HOUR_MS),
          n: counts[last] ?? 0,
          usual: usual[last] == null ? NOTHING : format.number(usual[last]),
        });
  return (
    <Pane
      area="trend"
      title={t("trend.title")}
      aside={
        <span className={styles.keys} aria-hidden="true">
          <i data-line="today" /> {t("trend.today")} <i data-line="usual" /> {t("trend.usual")}
        </span>
      }
      bare
    >
      <div ref={box} className={styles.plot} role="img" aria-label={spoken} />
    </Pane>
  );
}
