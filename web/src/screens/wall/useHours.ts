import { useEffect, useState } from "react";
import { useStore } from "zustand";
import { centreStore } from "@/api/centre";
import { DAY_MS, midnightBefore } from "@/i18n/zone";
import { serverNow_ms } from "@/live/clock";
import { type Hours, hoursOfDay, readFrom, readHours, withRead } from "@/screens/wall/hours";
import type { Scope } from "@/screens/wall/scope";

const EVERY_MS = 60_000;

export interface HoursToday {
  hours: Hours;
  today: readonly number[];
}

export function todayOf(now_ms: number, timeZone: string): number[] {
  const midnight = midnightBefore(now_ms, timeZone);
  // Half a day after the next midnight at the latest, whatever the clocks do that night.
  return hoursOfDay(midnight, midnightBefore(midnight + 1.5 * DAY_MS, timeZone));
}

/** Calls by hour: all of them once, then every minute those hours that may still change. */
export function useHours(scope: Scope | null): HoursToday {
  const { timeZone, name } = useStore(centreStore);
  const [known, setKnown] = useState<HoursToday>({ hours: new Map(), today: [] });
  const district = scope?.district ?? null;
  const wanted = scope !== null;
  useEffect(() => {
    if (!wanted || !name) return undefined;
    const abort = new AbortController();
    let hours: Hours = new Map();
    const read = async () => {
      const now = serverNow_ms();
      const today = todayOf(now, timeZone);
      try {
        const report = await readHours(readFrom(hours, today, now), district, abort.signal);
        hours = withRead(hours, report, today);
      } catch {
        // Asked for again a minute later; until then what was known stays.
      }
      if (!abort.signal.aborted) setKnown({ hours, today });
    };
    void read();
    const again = setInterval(() => void read(), EVERY_MS);
    return () => {
      abort.abort();
      clearInterval(again);
    };
  }, [wanted, district, timeZone, name]);
  return known;
}
