import type { Seat } from "@schema";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { command } from "@/api/client";
import { entityOf } from "@/live/state";
import { isAbandoned, isRinging } from "@/screens/answer/need";
import { notify } from "@/shell/notices";
import { useAct } from "@/shell/useAct";

/** Answers a ringing call, calls an abandoned one back, takes up one's own; then it is opened. */
export function useTake(seat: Seat | null, open: (id: number) => void): (id: number) => void {
  const { t } = useTranslation("answer");
  const { run } = useAct();
  return useCallback(
    (id) => {
      const call = entityOf("calls", id);
      if (!call) return;
      const answers = isRinging(call);
      if (!answers && !isAbandoned(call)) return open(id);
      if (!seat) return void notify({ tone: "warn", text: t("missing.seat") });
      const fields = { call: id, seat: seat.id };
      // One caller at a time: pressed twice, the key must not answer the next one as well.
      const done = answers
        ? run(() => command("call_answer", fields), t("list.answer", { id }), "take")
        : run(() => command("call_back", fields), t("callBack.act", { id }), "take");
      void done.then((made) => made && open(id));
    },
    [seat, open, run, t],
  );
}
