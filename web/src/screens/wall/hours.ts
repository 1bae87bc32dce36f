// Calls an hour: of today, and what is usual at that hour. The server has no route for it, so each hour is asked for by itself
// from the indicators; hours that are over are kept, and the days before are asked for slowly.
import type { Call, Incident } from "@schema";
import { get } from "@/api/client";
import { DAY_MS } from "@/i18n/zone";
import type { Indicators } from "@/screens/wall/report";

export const HOUR_MS = 3_600_000;
export const USUAL_DAYS = 7;
/** An hour's calls are all over, and so all counted, so much later at the latest. */
const SETTLED_MS = 6 * HOUR_MS;
const STORED = "mingdi.wall.hours";
const KEPT_MAX = 24 * (USUAL_DAYS + 2);

/** Calls by the hour's beginning, milliseconds since 1970. */
export type Hours = Map<number, number>;

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

/** The next hour that is to be asked for: those of today first, then the days before, the nearest first. */
export function nextHour(hours: Hours, today: readonly number[], now_ms: number): number | null {
  for (let day = 0; day <= USUAL_DAYS; day += 1) {
    for (const hour of today) {
      const at = hour - day * DAY_MS;
      if (at <= now_ms && !hours.has(at)) return at;
    }
  }
  return null;
}

/** Those that may still change. */
export function unsettled(today: readonly number[], now_ms: number): number[] {
  return today.filter((at) => at <= now_ms && now_ms - at < SETTLED_MS + HOUR_MS);
}

export async function readHour(at_ms: number, district: number | null, signal: AbortSignal): Promise<number> {
  const [from, to] = [new Date(at_ms).toISOString(), new Date(at_ms + HOUR_MS).toISOString()];
  const where = district === null ? "" : `&district=${district}`;
  const report = await get<Indicators>(`/api/v1/indicators?from=${from}&to=${to}${where}`, { signal });
  return report.calls.all;
}

/** Only what is settled is kept, each centre and district by itself. */
export function keepHours(scope: string, hours: Hours, now_ms: number): void {
  const settled = [...hours].filter(([at]) => now_ms - at >= SETTLED_MS + HOUR_MS).sort(([a], [b]) => b - a);
  try {
    localStorage.setItem(STORED, JSON.stringify({ scope, hours: settled.slice(0, KEPT_MAX) }));
  } catch {
    // Without storage they are asked for again next time.
  }
}

export function keptHours(scope: string): Hours {
  try {
    const kept = JSON.parse(localStorage.getItem(STORED) ?? "null") as {
      scope: string;
      hours: [number, number][];
    } | null;
    return new Map(kept?.scope === scope ? kept.hours : []);
  } catch {
    return new Map();
  }
}
