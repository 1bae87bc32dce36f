// Short words about what just happened. Trouble stays until it is put away; the rest goes by itself.
import { createStore } from "zustand/vanilla";
import { asProblem, type Problem } from "@/api/problem";

export interface Notice {
  id: number;
  tone: "ok" | "warn" | "bad";
  text: string;
  problem?: Problem;
  /** What was tried, in front of the problem's words. */
  what?: string;
  /** Try again, undo ... */
  action?: { text: string; run: () => void };
}

const SHOWN_MAX = 4;
const OK_STAYS_MS = 5_000;
let counter = 0;

export const noticeStore = createStore<{ notices: readonly Notice[] }>(() => ({ notices: [] }));

export function dismissNotice(id: number): void {
  noticeStore.setState(({ notices }) => ({ notices: notices.filter((notice) => notice.id !== id) }));
}

export function notify(notice: Omit<Notice, "id">): number {
  counter += 1;
  const id = counter;
  noticeStore.setState(({ notices }) => ({ notices: [...notices, { ...notice, id }].slice(-SHOWN_MAX) }));
  if (notice.tone === "ok") setTimeout(() => dismissNotice(id), OK_STAYS_MS);
  return id;
}

/** Tells a problem in a dispatcher's words; `what` is what was tried, e.g. "Assign 12". */
export function notifyProblem(thrown: unknown, what?: string, action?: Notice["action"]): void {
  notify({ tone: "bad", text: "", problem: asProblem(thrown), what, action });
}
