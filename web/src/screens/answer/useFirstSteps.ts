import type { Call } from "@schema";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { useEntity } from "@/live/hooks";
import { useGuide } from "@/shell/guide";

/** What a newcomer does next; what was done once stays done. */
export function useFirstSteps(call: Call | undefined): void {
  const { t } = useTranslation("answer");
  const done = useRef(new Set<string>());
  const incident = useEntity("incidents", call?.incident);
  const steps = [
    { id: "answer", text: t("guide.answer"), now: call !== undefined && call.state !== "offered" },
    { id: "place", text: t("guide.place"), now: call?.point != null },
    { id: "protocol", text: t("guide.protocol"), now: call?.triage != null },
    { id: "questions", text: t("guide.questions"), now: call?.triage?.ready === true },
    { id: "send", text: t("guide.send"), now: call?.incident != null },
    { id: "going", text: t("guide.going"), now: (incident?.missions.length ?? 0) > 0 },
  ];
  for (const step of steps) if (step.now) done.current.add(step.id);
  useGuide(
    t("guide.title"),
    steps.map(({ id, text }) => ({ id, text, done: done.current.has(id) })),
  );
}
