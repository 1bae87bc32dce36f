// What a newcomer at the hospital does first; ticked off by what the centre's events tell.
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { subscribeEvents } from "@/live/apply";
import type { LiveEvent } from "@/live/messages";
import { useGuide } from "@/shell/guide";

type Step = "acknowledge" | "beds" | "divert" | "handOver";

function stepOf(event: LiveEvent, facility: number): Step | null {
  if (event.event === "mission_progressed") return event.stage === "hand_over" ? "handOver" : null;
  if (event.facility !== facility) return null;
  switch (event.event) {
    case "prealert_acknowledged":
      return "acknowledge";
    case "beds_counted":
      return "beds";
    case "bed_changed":
      return event.from === "reserved" || event.to === "reserved" ? null : "beds";
    case "facility_changed":
      return "divert";
    default:
      return null;
  }
}

export function useSteps(facility: number): void {
  const { t } = useTranslation("hospital");
  const [done, setDone] = useState<readonly Step[]>([]);
  useEffect(
    () =>
      subscribeEvents((events) => {
        const fresh = events.map((event) => stepOf(event, facility)).filter((step) => step !== null);
        if (fresh.length > 0) setDone((before) => [...new Set([...before, ...fresh])]);
      }),
    [facility],
  );
  useGuide(t("guide.title"), [
    { id: "beds", text: t("guide.beds"), done: done.includes("beds") },
    { id: "acknowledge", text: t("guide.acknowledge"), done: done.includes("acknowledge") },
    { id: "handOver", text: t("guide.handOver"), done: done.includes("handOver") },
    { id: "divert", text: t("guide.divert"), done: done.includes("divert") },
  ]);
}
