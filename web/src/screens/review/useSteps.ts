import { useTranslation } from "react-i18next";
import type { Review } from "@/screens/review/useReview";
import { useGuide } from "@/shell/guide";
import { useRoute } from "@/shell/router";

/** The first steps of somebody who looks back for the first time. */
export function useSteps(review: Review): void {
  const { t } = useTranslation("review");
  const { query } = useRoute();
  const hasIncident = Boolean(query.incident);
  useGuide(t("guide.title"), [
    { id: "figure", text: t("guide.figure"), done: Boolean(query.figure) && review.figure !== null },
    { id: "calls", text: t("guide.calls"), done: query.tab === "calls" || hasIncident },
    { id: "incident", text: t("guide.incident"), done: hasIncident },
    { id: "replay", text: t("guide.replay"), done: query.tab === "replay" },
  ]);
}
