import type { Alarm, Incident, Role } from "@schema";
import { useCallback } from "react";
import { useSelected } from "@/live/hooks";
import { entityOf } from "@/live/state";

/** Whether the alarm is about this incident, one of its missions, or a unit at work on it. */
export function isAbout(alarm: Alarm, incident: Pick<Incident, "id" | "missions">): boolean {
  const { subject_kind, subject } = alarm;
  if (subject_kind === "incident") return subject === incident.id;
  if (subject_kind === "mission") return incident.missions.some((mission) => mission.id === subject);
  return subject_kind === "unit" && incident.missions.some((mission) => mission.unit === subject);
}

/** Whether this person acknowledges it: whose desk has to see to it does, and the duty commander. */
export function isOwn(alarm: Pick<Alarm, "owner">, roles: readonly Role[]): boolean {
  return roles.includes("duty_commander") || (roles as readonly string[]).includes(alarm.owner);
}

/** The open alarms of one incident, the raised ones first. */
export function useAlarmsOf(id: number | null): readonly Alarm[] {
  const pick = useCallback(
    (alarms: Iterable<Alarm>) => {
      const incident = entityOf("incidents", id);
      if (!incident) return [];
      const own = [...alarms].filter((alarm) => alarm.state !== "cleared" && isAbout(alarm, incident));
      return own.sort((one, other) => Number(other.state === "raised") - Number(one.state === "raised"));
    },
    [id],
  );
  return useSelected("alarms", pick);
}
