// The centre of this moment, as the command line sees it.
import {
  bedKindValues,
  missionEventValues,
  missionStateValues,
  needSetValues,
  overrideReasonValues,
  priorityValues,
  shortfallReasonValues,
  tierValues,
  unitEventValues,
} from "@schema";
import { rolesOf, sessionStore } from "@/api/session";
import type { LabelOf, Labels } from "@/i18n/labels";
import { entityOf, liveStore } from "@/live/state";
import { isOwn } from "@/screens/dispatch/alarms";
import type { Labelled, World } from "@/screens/dispatch/line/world";

/** What a dispatcher may say of a unit outside a mission; the rest follows from orders. */
const UNIT_REPORTS = ["start_shift", "end_shift", "reach_post", "break_down", "repair"];
const NO_REPORTS = ["divert", "cancel"];
const NO_STAGES = ["assigned"];

function incidentOfAlarm(kind: string, subject: number): number | null {
  if (kind === "incident") return subject;
  if (kind === "mission") return entityOf("missions", subject)?.incident ?? null;
  return kind === "unit" ? (entityOf("units", subject)?.incident ?? null) : null;
}

export function worldNow(selected: number | null, label: LabelOf): World {
  const { tables } = liveStore.getState();
  const labelled = <K extends keyof Labels>(kind: K, values: readonly Labels[K][]): Labelled[] =>
    values.map((value) => ({ value, text: label<K>(kind, value as never) }));
  const roles = rolesOf(sessionStore.getState().session);
  const stages = labelled("mission_state", missionStateValues).filter(({ value }) => !NO_STAGES.includes(value));
  const events = labelled("mission_event", missionEventValues).filter(({ value }) => !NO_REPORTS.includes(value));
  return {
    selected,
    incidents: [...tables.incidents.values()].filter(({ state }) => state !== "closed").map(({ id }) => id),
    units: [...tables.units.values()],
    facilities: [...tables.facilities.values()],
    posts: [...tables.posts.values()],
    candidates: entityOf("incidents", selected)?.recommended ?? [],
    destinations: (mission) => entityOf("missions", mission)?.recommended ?? [],
    alarms: [...tables.alarms.values()]
      .filter((alarm) => alarm.state === "raised" && isOwn(alarm, roles))
      .map(({ id, subject_kind, subject }) => ({ id, incident: incidentOfAlarm(subject_kind, subject) })),
    unread: [...tables.messages.values()]
      .filter((message) => !message.to_crew && message.read_at === null)
      .map(({ id, unit }) => ({ id, unit })),
    labels: {
      needs: labelled("need_set", needSetValues),
      priority: labelled("priority", priorityValues),
      shortfall: labelled("shortfall_reason", shortfallReasonValues),
      reason: labelled(
        "override_reason",
        overrideReasonValues.filter((reason) => reason !== "none"),
      ),
      bed: labelled("bed_kind", bedKindValues),
      tier: labelled("tier", tierValues),
      mission_stage: [...stages, ...events],
      unit_event: labelled("unit_event", unitEventValues).filter(({ value }) => UNIT_REPORTS.includes(value)),
    },
  };
}
