// Which time is replayed, and in how many frames.
import type { Period } from "@/screens/review/period";
import type { Step } from "@/screens/review/story";

const FRAMES_WANTED = 480;
const STEP_MIN_S = 5;
const MARGIN_MS = 60_000;
const MINUTE_MS = 60_000;

/** What is asked for in the address; else the incident's own time, with a little before and after; else the last hour. */
export function spanOf(query: Readonly<Record<string, string>>, steps: readonly Step[], now_ms: number): Period {
  const at = Number(query.at);
  const length = Number(query.length) || 60;
  if (at > 0) return { from_ms: at, to_ms: at + length * MINUTE_MS };
  const [first, last] = [steps[0], steps.at(-1)];
  if (first && last) return { from_ms: first.at_ms - MARGIN_MS, to_ms: Math.min(last.at_ms + MARGIN_MS, now_ms) };
  return { from_ms: now_ms - length * MINUTE_MS, to_ms: now_ms };
}

export function stepOf(period: Period): number {
  return Math.max(STEP_MIN_S, Math.ceil((period.to_ms - period.from_ms) / 1000 / FRAMES_WANTED));
}
