import { type Incident, type Mission, missionStateValues } from "@schema";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { useLabel } from "@/i18n/labels";
import { useEntity } from "@/live/hooks";
import styles from "@/screens/dispatch/Missions.module.css";
import { PatientLine } from "@/screens/dispatch/PatientLine";
import { Suggested } from "@/screens/dispatch/Suggested";
import { Badge } from "@/ui/Badge";
import { classes } from "@/ui/classes";
import { Elapsed } from "@/ui/Elapsed";
import { StateMark } from "@/ui/StateMark";

const STAGES = missionStateValues.filter((state) => state !== "ended");

function Stages({ mission }: { mission: Mission }) {
  const at = STAGES.indexOf(mission.state as (typeof STAGES)[number]);
  return (
    <span className={styles.stages} aria-hidden="true">
      {STAGES.map((stage, index) => (
        <i key={stage} className={classes(index <= at && styles.done)} />
      ))}
    </span>
  );
}

function Expected({ mission }: { mission: Mission }) {
  const { t } = useTranslation("dispatch");
  const format = useFormat();
  if (mission.expected_at === null) return null;
  return (
    <span className={styles.expected} title={t("mission.expected", { at: format.time(mission.expected_at) })}>
      {t("mission.in")} <Elapsed since={mission.expected_at} down />
    </span>
  );
}

function Destination({ mission }: { mission: Mission }) {
  const { t } = useTranslation("dispatch");
  const label = useLabel();
  if (mission.facility === null) return null;
  const name = mission.facility_name || mission.facility_code || mission.facility;
  const told = mission.prealert_acknowledged_at ? "acknowledged" : mission.prealert_at ? "told" : "untold";
  return (
    <span>
      {t("mission.to", { name })}
      {mission.bed_kind_reserved ? ` · ${label("bed_kind", mission.bed_kind_reserved)}` : ""} ·{" "}
      {t(`mission.prealert.${told}`)}
    </span>
  );
}

interface MissionCardProps {
  id: number;
  atHand: boolean;
  onChoose: () => void;
}

function MissionCard({ id, atHand, onChoose }: MissionCardProps) {
  const { t } = useTranslation("dispatch");
  const label = useLabel();
  const mission = useEntity("missions", id);
  const alarm = useEntity("alarms", mission?.alarm);
  if (!mission) return null;
  return (
    <li>
      <button type="button" className={styles.mission} aria-pressed={atHand} onClick={onChoose}>
        <span className={styles.line}>
          <b>{mission.unit_code}</b>
          <StateMark kind="mission_state" state={mission.state} />
          <Stages mission={mission} />
          <Expected mission={mission} />
        </span>
        <span className={styles.more}>
          <Destination mission={mission} />
          {mission.facility_asked && mission.facility === null ? <Badge tone="bad">{t("mission.asks")}</Badge> : null}
          {alarm && alarm.state !== "cleared" ? (
            <Badge tone={alarm.state === "raised" ? "bad" : "warn"}>{label("alarm_kind", alarm.kind)}</Badge>
          ) : null}
          <PatientLine patient={mission.patient} />
        </span>
      </button>
      <Suggested mission={mission} />
    </li>
  );
}

export interface MissionsProps {
  incident: Incident;
  atHand: number | undefined;
  onChoose: (mission: number) => void;
}

/** Who is on the way or there, how far, and where to. */
export function Missions({ incident, atHand, onChoose }: MissionsProps) {
  const { t } = useTranslation("dispatch");
  if (incident.missions.length === 0) return null;
  return (
    <section aria-label={t("mission.title")}>
      <ul className={styles.missions}>
        {incident.missions.map(({ id }) => (
          <MissionCard key={id} id={id} atHand={id === atHand} onChoose={() => onChoose(id)} />
        ))}
      </ul>
    </section>
  );
}
