// First steps for who is new: take a desk, choose, send, follow.
import type { Incident } from "@schema";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { sessionStore } from "@/api/session";
import { subscribeEvents } from "@/live/apply";
import { useCount } from "@/live/hooks";
import { entityOf } from "@/live/state";
import { dispatchStore } from "@/screens/dispatch/store";
import type { Desks } from "@/screens/dispatch/useDesk";
import { useGuide } from "@/shell/guide";

/** Missions that this person has ordered here, by what the stream tells. */
function useOwnOrders(): number | null {
  const [mission, setMission] = useState<number | null>(null);
  const name = useStore(sessionStore, (store) => store.session?.person.name);
  useEffect(
    () =>
      subscribeEvents((events) => {
        for (const event of events) {
          const id = event.event === "unit_assigned" ? Number(event.mission) : Number.NaN;
          if (entityOf("missions", id)?.ordered?.name === name) setMission(id);
        }
      }),
    [name],
  );
  return mission;
}

const isRecommended = (incident: Incident) => incident.state === "recommended";

export function useCoach(desks: Desks): void {
  const { t } = useTranslation("dispatch");
  const mission = useOwnOrders();
  const waiting = useCount("incidents", isRecommended);
  const lines = useStore(dispatchStore, (store) => store.line.count);
  const state = entityOf("missions", mission)?.state;
  const there = state !== undefined && !["assigned", "notified", "acknowledged", "departed"].includes(state);
  useGuide(t("coach.title"), [
    { id: "desk", text: t("coach.desk"), done: desks.mine.length > 0 },
    { id: "wait", text: t("coach.wait"), done: waiting > 0 || mission !== null },
    { id: "send", text: t("coach.send"), done: mission !== null },
    { id: "follow", text: t("coach.follow"), done: there },
    { id: "line", text: t("coach.line"), done: lines > 0 },
  ]);
}
