import type { Incident, IncidentMission } from "@schema";
import { useTranslation } from "react-i18next";
import { useEntity, useNow } from "@/live/hooks";
import styles from "@/screens/dispatch/ResponseClock.module.css";
import { classes } from "@/ui/classes";
import { Elapsed } from "@/ui/Elapsed";

const THERE: readonly IncidentMission["state"][] = [
  "on_scene",
  "at_patient",
  "left_scene",
  "at_facility",
  "handed_over",
];

/** The track reaches to one and a third of the target, so that a little too late is still to be seen. */
const TRACK = 4 / 3;

function share(value: number): string {
  return `${Math.min(100, Math.max(0, value * 100))}%`;
}

function Bar({ since, until, target_s }: { since: number; until: number | null; target_s: number }) {
  const now = useNow();
  const used = ((until ?? now) - since) / 1000 / target_s;
  const tone = used > 1 ? styles.over : used > 0.75 ? styles.near : styles.within;
  return (
    <span className={styles.track} aria-hidden="true">
      <span className={classes(styles.bar, tone)} style={{ width: share(used / TRACK) }} />
      <span className={styles.target} style={{ left: share(1 / TRACK) }} />
    </span>
  );
}

interface Response {
  since: number | null;
  /** When the first unit was on scene. */
  until: number | null;
  target_s: number | null;
  /** Somebody is there, but when he came is not known here any more. */
  over: boolean;
}

function useResponse(incident: Incident): Response {
  const first = incident.missions.find((mission) => THERE.includes(mission.state));
  const at = useEntity("missions", first?.id)?.on_scene_at ?? null;
  return {
    since: incident.offered_at === null ? null : Date.parse(incident.offered_at),
    until: at === null ? null : Date.parse(at),
    target_s: incident.response_target_s,
    over: incident.units_arrived > 0 && at === null,
  };
}

/** From the first ring to the first unit on scene, against the target of the priority. */
export function ResponseTime({ incident, large }: { incident: Incident; large?: boolean }) {
  const { t } = useTranslation("dispatch");
  const { since, until, target_s, over } = useResponse(incident);
  if (over) return <span className={styles.arrived}>{t("clock.arrived")}</span>;
  return (
    <span title={t("clock.what")}>
      <Elapsed since={since} until={until} target_s={target_s} large={large} />
    </span>
  );
}

/** The same, drawn: how much of the target is used, with the target as a mark. */
export function ResponseBar({ incident }: { incident: Incident }) {
  const { since, until, target_s, over } = useResponse(incident);
  if (over || since === null || !target_s) return null;
  return <Bar since={since} until={until} target_s={target_s} />;
}
