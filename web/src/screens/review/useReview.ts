// What is looked at, as the address has it, and what the server says of it.
import type { Priority } from "@schema";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { centreStore } from "@/api/centre";
import { sessionStore } from "@/api/session";
import { serverNow_ms } from "@/live/clock";
import { askCalls, askReport, type Calls } from "@/screens/review/asks";
import { type Figure, type Group, PRIORITIES, type Report } from "@/screens/review/figures";
import { type Names, useNames } from "@/screens/review/names";
import { isPeriodName, type Period, type PeriodName, periodOf } from "@/screens/review/period";
import { type Answer, useAnswer } from "@/screens/review/useAnswer";
import { setQuery, useRoute } from "@/shell/router";

export interface Review {
  name: PeriodName;
  period: Period | null;
  group: Group;
  /** Districts that may be chosen; all may be, if the whole centre may. */
  wholeCentre: boolean;
  report: Answer<Report>;
  calls: Answer<Calls>;
  figures: readonly Figure[];
  figure: Figure | null;
  names: Names;
  /** The newest calls as well. */
  refresh: () => void;
}

const READERS = ["duty_commander", "district_health_officer", "planner", "quality_reviewer"];

/** Null: the whole centre; else the districts that one may look at. */
function useScope(): readonly number[] | null {
  const grants = useStore(sessionStore, (store) => store.session?.person.grants);
  return useMemo(() => {
    const own = (grants ?? []).filter((grant) => READERS.includes(grant.role));
    return own.some((grant) => grant.scope === "centre") ? null : own.map((grant) => grant.id);
  }, [grants]);
}

function usePeriod(): { name: PeriodName; period: Period | null; asked: string } {
  const { query } = useRoute();
  const timeZone = useStore(centreStore, (centre) => centre.timeZone);
  const name = isPeriodName(query.period) ? query.period : "today";
  const { from = "", to = "", fresh = "" } = query;
  const period = useMemo(() => {
    const now = Number(fresh) || serverNow_ms();
    return periodOf(name, Math.floor(now / 1000) * 1000, timeZone, { from, to });
  }, [name, timeZone, from, to, fresh]);
  return { name, period, asked: period ? `${period.from_ms} ${period.to_ms}` : "" };
}

function useGroup(scope: readonly number[] | null): Group {
  const { query } = useRoute();
  const wished = query.district === undefined ? null : Number(query.district);
  const district = scope && (wished === null || !scope.includes(wished)) ? (scope[0] ?? null) : wished;
  const priority = PRIORITIES.find((one) => one === query.priority) ?? null;
  return useMemo(() => ({ district, priority: priority as Priority | null }), [district, priority]);
}

function figuresOf(report: Report | null): Figure[] {
  return [
    ...(report?.indicators ?? []).map((figure): Figure => ({ kind: "indicator", figure })),
    ...(report?.intervals ?? []).map((figure): Figure => ({ kind: "interval", figure })),
  ];
}

export function figureKey(figure: Figure): string {
  return `${figure.kind === "indicator" ? "i" : "t"}.${figure.figure.name}`;
}

export function useReview(): Review {
  const { t } = useTranslation("review");
  const { query } = useRoute();
  const scope = useScope();
  const { name, period, asked } = usePeriod();
  const group = useGroup(scope);
  // A person of one district asks for that one; others get all districts at once.
  const own = scope ? group.district : null;
  const key = period ? `${asked} ${own ?? ""}` : null;
  const report = useAnswer(key, (signal) => askReport(period as Period, own, signal));
  const calls = useAnswer(key, (signal) => askCalls(period as Period, own, signal));
  const figures = useMemo(() => figuresOf(report.value), [report.value]);
  const figure = figures.find((one) => figureKey(one) === query.figure) ?? figures[0] ?? null;
  return {
    name,
    period,
    group,
    wholeCentre: scope === null,
    report,
    calls,
    figures,
    figure,
    names: useNames(t("unknownDistrict")),
    refresh: () => setQuery({ fresh: Math.floor(serverNow_ms()) }),
  };
}
