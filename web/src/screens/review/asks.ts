// What the server is asked for the review.
import type { Entry, IncidentHistory, Timeline } from "@schema";
import { get } from "@/api/client";
import type { Report, ReportCall } from "@/screens/review/figures";
import type { Period } from "@/screens/review/period";

const PAGE = 500;
/** Calls of a period that are listed; a larger one shows its figures all the same. */
export const CALLS_MAX = 20_000;
const STORY_MAX = 5_000;
const SLOW_MS = 60_000;

function query(period: Period, district: number | null): string {
  const instant = (ms: number) => encodeURIComponent(new Date(ms).toISOString());
  return `from=${instant(period.from_ms)}&to=${instant(period.to_ms)}${district === null ? "" : `&district=${district}`}`;
}

export function askReport(period: Period, district: number | null, signal: AbortSignal): Promise<Report> {
  return get<Report>(`/api/v1/indicators?${query(period, district)}`, { signal, oneTry_ms: SLOW_MS });
}

export interface Calls {
  items: ReportCall[];
  /** There are more than are listed. */
  more: boolean;
}

export async function askCalls(period: Period, district: number | null, signal: AbortSignal): Promise<Calls> {
  const items: ReportCall[] = [];
  for (let after: number | null = 0; after !== null; ) {
    if (items.length >= CALLS_MAX) return { items, more: true };
    const path = `/api/v1/reports/calls?${query(period, district)}&after=${after}&limit=${PAGE}`;
    const page: { items: ReportCall[]; next: number | null } = await get(path, { signal });
    items.push(...page.items);
    after = page.next;
  }
  return { items, more: false };
}

export interface History {
  items: Entry[];
  actors: ReadonlyMap<number, string>;
}

export async function askHistory(incident: number, signal: AbortSignal): Promise<History> {
  const items: Entry[] = [];
  const actors = new Map<number, string>();
  for (let after: number | null = 0; after !== null && items.length < STORY_MAX; ) {
    const path = `/api/v1/incidents/${incident}/history?after=${after}&limit=${PAGE}`;
    const page: IncidentHistory = await get(path, { signal, oneTry_ms: SLOW_MS });
    items.push(...page.items);
    for (const { actor, name } of page.actors) actors.set(actor, name);
    after = page.next;
  }
  return { items, actors };
}

export function askTimeline(period: Period, step_s: number, signal: AbortSignal): Promise<Timeline> {
  return get<Timeline>(`/api/v1/timeline?${query(period, null)}&step_s=${step_s}`, { signal, oneTry_ms: SLOW_MS });
}
