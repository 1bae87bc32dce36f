// Figures in words: a share, a time, whether it is as it should be.
import { useTranslation } from "react-i18next";
import { clockText, NOTHING, useFormat } from "@/i18n/format";
import type { Figure, IndicatorFigure } from "@/screens/review/figures";

/** The name under which the words of a source stand. */
export function slugOf(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "_")
    .replaceAll(/^_|_$/g, "");
}

/** Shares below have their own decimals: 99.6 % is not 100 %. */
export function useFigureWords() {
  const { t, i18n } = useTranslation("review");
  const format = useFormat();
  const chinese = i18n.language.startsWith("zh");
  const time = (seconds: number | null) => (seconds === null ? NOTHING : clockText(Math.round(seconds)));
  const value = (figure: IndicatorFigure, of: number | null) => {
    if (of === null) return NOTHING;
    return figure.unit === "s" ? time(of) : format.percent(of, 1);
  };
  return {
    title: ({ figure }: Figure) => (chinese ? figure.title_zh : figure.title),
    time,
    value,
    target: (figure: IndicatorFigure) => {
      if (figure.target === null) return t("noTarget");
      const amount = figure.unit === "s" ? time(figure.target) : format.percent(figure.target);
      return `${figure.better === "high" ? "≥" : "≤"} ${amount}`;
    },
    number: (count: number) => format.number(count),
    /** Where the target comes from, in the reader's language if it is known. */
    source: ({ who }: IndicatorFigure) => {
      const name = slugOf(who);
      return i18n.exists(`review:source.${name}`) ? t(`source.${name}`) : who;
    },
  };
}

/** Where a figure lies on its bar, and its target: shares as they are, times against twice the target. */
export function barOf(figure: IndicatorFigure, value: number | null): { value: number; max: number; target?: number } {
  const target = figure.target === null ? {} : { target: figure.target };
  if (figure.unit === "share") return { value: value ?? 0, max: 1, ...target };
  return { value: value ?? 0, max: 2 * (figure.target ?? Math.max(value ?? 0, 1)), ...target };
}
