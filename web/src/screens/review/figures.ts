// Indicators and times of a period, as GET /indicators tells them; and what each says of one call.
import { type IndicatorDefinition, indicatorDefinitions, type Priority, priorityValues } from "@schema";

export interface Share {
  n: number;
  missing: number;
  /** Of n: entered from paper afterwards. */
  afterwards: number;
  value: number | null;
  met: boolean | null;
}

export interface Times {
  n: number;
  missing: number;
  /** Of n: entered from paper afterwards. */
  afterwards: number;
  mean_s: number | null;
  p50_s: number | null;
  p90_s: number | null;
  p95_s: number | null;
  p99_s: number | null;
}

export type Grouped<T> = T & {
  priorities: (T & { priority: Priority })[];
  districts?: (T & { district: number; priorities: (T & { priority: Priority })[] })[];
};

export type IndicatorFigure = Grouped<Share> & {
  name: string;
  title: string;
  title_zh: string;
  unit: "s" | "share";
  better: "high" | "low";
  target: number | null;
  who: string;
};

export type IntervalFigure = Grouped<Times> & {
  name: string;
  title: string;
  title_zh: string;
  from: string;
  to: string;
};

export interface Report {
  from: string;
  to: string;
  district: number | null;
  sequence: number;
  calls: Record<string, number>;
  indicators: IndicatorFigure[];
  intervals: IntervalFigure[];
}

export interface ReportCall {
  call: number;
  /** Number of the form that it was entered from afterwards; null: it was taken here. */
  form: number | null;
  incident: number | null;
  mission: number | null;
  unit: number | null;
  facility: number | null;
  district: number | null;
  priority: Priority | null;
  result: string;
  units_needed: number;
  units_short: number;
  dispatches: number;
  transported: boolean;
  protocol: number | null;
  proposed: Priority | null;
  opened: Priority | null;
  reprioritised: boolean;
  at: Record<string, string | null>;
}

/** Null stands for all. */
export interface Group {
  district: number | null;
  priority: Priority | null;
}

export function groupOf<T extends Share | Times>(figure: Grouped<T>, group: Group): T | null {
  // A report of one district is that district's: it has no others.
  const place =
    group.district === null || !figure.districts
      ? figure
      : figure.districts?.find((one) => one.district === group.district);
  if (!place) return null;
  return group.priority === null ? place : (place.priorities.find((one) => one.priority === group.priority) ?? null);
}

export function isIn(call: ReportCall, group: Group): boolean {
  return (
    (group.district === null || (call.district ?? 0) === group.district) &&
    (group.priority === null || call.priority === group.priority)
  );
}

// ---- one call ----

export interface CallFigure {
  call: ReportCall;
  /** Null: it has no time of its own, or the time is missing. */
  value_s: number | null;
  /** How far beyond the limit; negative: within; null: there is none. */
  off_s: number | null;
  /** Null: it does not count here, or cannot be said of one call. */
  met: boolean | null;
}

function seconds(call: ReportCall, from: string, to: string): number | null {
  const [begin, end] = [call.at[from], call.at[to]];
  return begin && end ? (Date.parse(end) - Date.parse(begin)) / 1000 : null;
}

function ofPopulation(call: ReportCall, interval: string): boolean {
  if (interval === "scene" || interval === "transport" || interval === "handover") return call.transported;
  return interval !== "scene_treated" || !call.transported;
}

/** What is said of one call where no time counts. */
function judged(name: string, call: ReportCall): boolean | null {
  switch (name) {
    case "satisfaction":
      return call.units_needed > 0 ? call.units_short === 0 : null;
    case "protocol_used":
      return call.at.call_answered ? call.protocol !== null : null;
    case "triage_deviation":
      return call.proposed !== null && call.opened !== null ? call.proposed === call.opened : null;
    case "reprioritised":
      return call.incident === null ? null : !call.reprioritised;
    default:
      return null;
  }
}

export type Figure = { kind: "indicator"; figure: IndicatorFigure } | { kind: "interval"; figure: IntervalFigure };

function definitionOf(figure: Figure): IndicatorDefinition | undefined {
  return figure.kind === "indicator" ? indicatorDefinitions.find((one) => one.name === figure.figure.name) : undefined;
}

/** Seconds that the figure holds each call against. */
export function limitOf(figure: Figure): number | null {
  const definition = definitionOf(figure);
  if (!definition || figure.kind !== "indicator") return null;
  return definition.limit_s ?? (figure.figure.unit === "s" ? (definition.target ?? null) : null);
}

const UNTIMED = ["satisfaction", "protocol_used", "triage_deviation", "reprioritised"];

export function figureOfCall(
  figure: Figure,
  intervals: readonly IntervalFigure[],
  call: ReportCall,
): CallFigure | null {
  const definition = definitionOf(figure);
  if (definition?.priority && definition.priority !== call.priority) return null;
  if (definition && UNTIMED.includes(definition.name)) {
    const met = judged(definition.name, call);
    return met === null ? null : { call, value_s: null, off_s: null, met };
  }
  const name = definition?.interval ?? figure.figure.name;
  const interval = intervals.find((one) => one.name === name);
  if (!interval || !ofPopulation(call, name)) return null;
  const value_s = seconds(call, interval.from, interval.to);
  if (value_s === null) return null;
  const limit = limitOf(figure);
  const off_s = limit === null ? null : value_s - limit;
  return { call, value_s, off_s, met: off_s === null ? null : off_s <= 0 };
}

/** The worst first: what failed by most, then what took longest, then what rang first. */
export function byNeedOfLooking(one: CallFigure, other: CallFigure): number {
  const failed = Number(one.met !== false) - Number(other.met !== false);
  const longer = (other.value_s ?? -1) - (one.value_s ?? -1);
  return failed || longer || one.call.call - other.call.call;
}

export function callsOf(
  figure: Figure,
  intervals: readonly IntervalFigure[],
  calls: readonly ReportCall[],
  group: Group,
): CallFigure[] {
  const counted = calls.filter((call) => isIn(call, group)).map((call) => figureOfCall(figure, intervals, call));
  return counted.filter((one) => one !== null).sort(byNeedOfLooking);
}

export const PRIORITIES: readonly Priority[] = priorityValues;
