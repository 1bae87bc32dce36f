import { useEffect, useState } from "react";
import { useStore } from "zustand";
import { centreStore } from "@/api/centre";
import { DAY_MS, midnightBefore } from "@/i18n/zone";
import { serverNow_ms } from "@/live/clock";
import { type Hours, hoursOfDay, keepHours, keptHours, nextHour, readHour, unsettled } from "@/screens/wall/hours";
import type { Scope } from "@/screens/wall/scope";

/** Between two questions: for the hours of today, and of days before, which have time. */
const ASK_EVERY_MS = 250;
const ASK_PAST_EVERY = 6;
const AGAIN_EVERY_MS = 60_000;

export interface HoursToday {
  hours: Hours;
  today: readonly number[];
}

export function todayOf(now_ms: number, timeZone: string): number[] {
  const midnight = midnightBefore(now_ms, timeZone);
  // Half a day after the next midnight at the latest, whatever the clocks do that night.
  return hoursOfDay(midnight, midnightBefore(midnight + 1.5 * DAY_MS, timeZone));
}

/** Calls by hour, filled little by little. */
export function useHours(scope: Scope | null): HoursToday {
  const { timeZone, name } = useStore(centreStore);
  const [known, setKnown] = useState<HoursToday>({ hours: new Map(), today: [] });
  const district = scope?.district ?? null;
  const wanted = scope !== null;
  useEffect(() => {
    if (!wanted || !name) return undefined;
    const abort = new AbortController();
    const key = `${name} ${district ?? ""}`;
    const hours = keptHours(key);
    let stale: number[] = [];
    let busy = false;
    let steps = 0;
    const step = async () => {
      steps += 1;
      if (busy) return;
      const now = serverNow_ms();
      const today = todayOf(now, timeZone);
      const at = stale.pop() ?? nextHour(hours, today, now);
      const past = at !== null && at < (today[0] ?? 0);
      if (at === null || (past && steps % ASK_PAST_EVERY !== 0)) return;
      busy = true;
      try {
        hours.set(at, await readHour(at, district, abort.signal));
        keepHours(key, hours, now);
        setKnown({ hours: new Map(hours), today });
      } catch {
        // Asked for again with the next step.
      } finally {
        busy = false;
      }
    };
    setKnown({ hours: new Map(hours), today: todayOf(serverNow_ms(), timeZone) });
    const stepping = setInterval(() => void step(), ASK_EVERY_MS);
    const again = setInterval(() => {
      const now = serverNow_ms();
      stale = unsettled(todayOf(now, timeZone), now);
    }, AGAIN_EVERY_MS);
    return () => {
      abort.abort();
      clearInterval(stepping);
      clearInterval(again);
    };
  }, [wanted, district, timeZone, name]);
  return known;
}
