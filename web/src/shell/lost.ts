// The centre's database has lost its newest entries, and what this page has shown of them is not so any more. The live state has
// been replaced by then (live/apply.ts), and the screen is drawn anew (Frame.tsx).
import i18next from "i18next";
import { liveStore } from "@/live/state";
import { clearDrafts } from "@/shell/drafts";
import { notify } from "@/shell/notices";

/**
 * What was typed for a call must not be found under another one that has got its number. Forms that were filled in on paper have
 * numbers of their own, and are needed now more than before.
 */
export function startLost(): () => void {
  return liveStore.subscribe((now, before) => {
    if (now.lost <= before.lost) return;
    clearDrafts("paper.");
    notify({ tone: "bad", text: i18next.t("connection.lost", { ns: "shell" }) });
  });
}
