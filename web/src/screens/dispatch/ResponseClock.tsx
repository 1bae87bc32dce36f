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

/** From the first ring to the first unit on scene, against the target of the priority. */
export function ResponseClock({ incident, large }: { incident: Incident; large?: boolean }) {
  const { t } = useTranslation("dispatch");
  const first = incident.missions.find((mission) => THERE.includes(mission.state));
  const mission = useEntity("missions", first?.id);
  const arrived = incident.units_arrived > 0;
  const at = mission?.on_scene_at ?? null;
  const target_s = incident.response_target_s;
  if (arrived && at === null) return <span className={styles.arrived}>{t("clock.arrived")}</span>;
  const since = incident.offered_at === null ? Number.NaN : Date.parse(incident.offered_at);
  return (
    <span className={classes(styles.clock, large && styles.large)} title={t("clock.what")}>
      <Elapsed since={incident.offered_at} until={at} target_s={target_s} large={large} />
      {target_s && !Number.isNaN(since) ? (
        <Bar since={since} until={at === null ? null : Date.parse(at)} target_s={target_s} />
      ) : null}
    </span>
  );
}
