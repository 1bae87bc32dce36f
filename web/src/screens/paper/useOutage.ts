// From when to when the centre worked on paper, and which run of forms lies in the pile: said once, for all forms of it.
import { useMemo } from "react";
import { useStore } from "zustand";
import { centreStore } from "@/api/centre";
import { readRun } from "@/lib/form";
import { serverNow_ms } from "@/live/clock";
import type { Outage } from "@/screens/paper/check";
import { instantOfField } from "@/screens/review/period";
import { useDraft } from "@/shell/drafts";

interface Typed {
  begun: string;
  ended: string;
  run: string;
}

const NOTHING: Typed = { begun: "", ended: "", run: "" };
const DAY_MS = 86_400_000;
const DAYS_MAX = 62;

export type OutageFault = "order" | "future" | "long";

export interface OutageTyped {
  typed: Typed;
  set: (change: Partial<Typed>) => void;
  /** Null: not said, or not right. */
  outage: Outage | null;
  fault: OutageFault | null;
  /** The run is no run. */
  runFault: boolean;
  /** More than a day: then each form says its day. */
  isLong: boolean;
}

function faultOf(begun_ms: number, ended_ms: number): OutageFault | null {
  if (ended_ms > serverNow_ms()) return "future";
  if (begun_ms >= ended_ms) return "order";
  return ended_ms - begun_ms > DAYS_MAX * DAY_MS ? "long" : null;
}

export function useOutage(): OutageTyped {
  const [typed, setTyped] = useDraft<Typed>("paper.outage", NOTHING);
  const timeZone = useStore(centreStore, (centre) => centre.timeZone);
  return useMemo(() => {
    const begun_ms = instantOfField(typed.begun, timeZone);
    const ended_ms = instantOfField(typed.ended, timeZone);
    const fault = begun_ms === null || ended_ms === null ? null : faultOf(begun_ms, ended_ms);
    const outage = begun_ms !== null && ended_ms !== null && fault === null ? { begun_ms, ended_ms } : null;
    return {
      typed,
      set: (change) => setTyped({ ...typed, ...change }),
      outage,
      fault,
      runFault: typed.run.trim() !== "" && readRun(typed.run) === null,
      isLong: outage !== null && outage.ended_ms - outage.begun_ms > DAY_MS,
    };
  }, [typed, setTyped, timeZone]);
}
