// Calls an hour: of today, and what is usual at that hour, from the reports; a call that still runs is in no report.
import type { Call, Incident, ReportHours } from "@schema";
import { get } from "@/api/client";
import { DAY_MS } from "@/i18n/zone";

export const HOUR_MS = 3_600_000;
export const USUAL_DAYS = 7;
/** An hour's calls are all over, and so all counted, so much later at the latest. */
const SETTLED_MS = 6 * HOUR_MS;

/** Calls by the hour's beginning, milliseconds since 1970. */
export type Hours = ReadonlyMap<number, number>;

/** The hours of the day that begins at midnight; a day of 23 or 25 hours has as many. */
export function hoursOfDay(midnight_ms: number, nextMidnight_ms: number): number[] {
  const hours: number[] = [];
  for (let at = midnight_ms; at < nextMidnight_ms; at += HOUR_MS) hours.push(at);
  return hours;
}

/** The mean of the same hour of the days before, as far as there were calls at all by then; null where no day is known. */
export function usualOf(hours: Hours, at_ms: number): number | null {
  const withCalls = [...hours].filter(([, count]) => count > 0).map(([at]) => at);
  const began = Math.min(...withCalls);
  const found: number[] = [];
  for (let day = 1; day <= USUAL_DAYS; day += 1) {
    const at = at_ms - day * DAY_MS;
    const count = hours.get(at);
    if (count !== undefined && at >= began) found.push(count);
  }
  return found.length === 0 ? null : found.reduce((sum, count) => sum + count, 0) / found.length;
}

/**
 * The calls of each full hour of today: those that are over, as was read, and those that still run, as the stream has them.
 * The hour that runs is left out: it would look like a fall.
 */
export function callsToday(
  hours: Hours,
  today: readonly number[],
  incidents: Iterable<Incident>,
  calls: Iterable<Call>,
  now_ms: number,
): (number | null)[] {
  const running = new Map<number, number>();
  const add = (offered_at: string | null) => {
    if (offered_at === null) return;
    const hour = today.findLast((at) => at <= Date.parse(offered_at));
    if (hour !== undefined) running.set(hour, (running.get(hour) ?? 0) + 1);
  };
  for (const incident of incidents) if (incident.state !== "closed") add(incident.offered_at);
  for (const call of calls) if (call.incident === null && call.state !== "closed") add(call.offered_at);
  return today.map((at) => {
    const over = hours.get(at);
    return over === undefined || at + HOUR_MS > now_ms ? null : over + (running.get(at) ?? 0);
  });
}

/**
 * From where to read: the days before too as long as they are not known, afterwards only hours that may still change. It is
 * always the beginning of an hour of the centre's day, for the server counts its hours from there.
 */
export function readFrom(hours: Hours, today: readonly number[], now_ms: number): number {
  const midnight = today[0] ?? now_ms;
  const first = midnight - USUAL_DAYS * DAY_MS;
  const open = midnight + Math.floor((now_ms - SETTLED_MS - midnight) / HOUR_MS - 1) * HOUR_MS;
  for (let at = first; at < open; at += HOUR_MS) if (!hours.has(at)) return first;
  return open;
}

/** What was known, with what was read; what is too old to be of use is dropped. */
export function withRead(hours: Hours, report: ReportHours, today: readonly number[]): Hours {
  const first = (today[0] ?? 0) - USUAL_DAYS * DAY_MS;
  const known = new Map([...hours].filter(([at]) => at >= first));
  for (const { hour, calls } of report.items) known.set(Date.parse(hour), calls);
  return known;
}

export function readHours(from_ms: number, district: number | null, signal: AbortSignal): Promise<ReportHours> {
  const where = district === null ? "" : `&district=${district}`;
  return get<ReportHours>(`/api/v1/reports/hours?from=${new Date(from_ms).toISOString()}${where}`, { signal });
}
