import type { Incident } from "@schema";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import { useLabel } from "@/i18n/labels";
import { coordinates, placeName, usePlace } from "@/lib/place";
import { useEntity } from "@/live/hooks";
import { AlarmSign } from "@/screens/dispatch/AlarmSign";
import { HandMark } from "@/screens/dispatch/HandMark";
import { useOtherHands } from "@/screens/dispatch/hands";
import styles from "@/screens/dispatch/IncidentRow.module.css";
import { isWaiting } from "@/screens/dispatch/need";
import { ResponseBar, ResponseTime } from "@/screens/dispatch/ResponseClock";
import { PriorityMark } from "@/ui/PriorityMark";
import { StateMark } from "@/ui/StateMark";

function Hands({ id }: { id: number }) {
  const { t } = useTranslation("dispatch");
  const names = useOtherHands(id);
  if (!names) return null;
  return (
    <span className={styles.hands} title={t("hands.title", { names })}>
      <HandMark />
      {names}
    </span>
  );
}

function Units({ incident }: { incident: Incident }) {
  const { t } = useTranslation("dispatch");
  const label = useLabel();
  const { units_assigned, units_wanted, units_short, missions } = incident;
  const missing = units_wanted - units_assigned - units_short;
  return (
    <>
      {missions.map((mission) => (
        <span key={mission.id} className={styles.unit} title={label("mission_state", mission.state)}>
          {mission.unit_code ?? mission.unit}
        </span>
      ))}
      {missing > 0 && units_wanted > 1 ? <span className={styles.missing}>{t("row.missing", { missing })}</span> : null}
    </>
  );
}

function RowOf({ incident }: { incident: Incident }) {
  const { t } = useTranslation("dispatch");
  const label = useLabel();
  const place = usePlace(incident.point);
  const name = (place && placeName(place)) ?? coordinates(incident.point);
  return (
    <div className={styles.row} data-waiting={isWaiting(incident) || undefined}>
      <PriorityMark priority={incident.priority} short />
      <div className={styles.words}>
        <p className={styles.first}>
          <span className={styles.number}>{t("number", { id: incident.id })}</span>
          <span className={styles.place}>{name}</span>
          <span className={styles.clock}>
            <ResponseTime incident={incident} />
          </span>
        </p>
        <p className={styles.second}>
          <StateMark kind="incident_state" state={incident.state} />
          <AlarmSign incident={incident} />
          <Units incident={incident} />
          {incident.marks.length > 0 ? (
            <span className={styles.marks}>{incident.marks.map((mark) => label("triage_mark", mark)).join(" · ")}</span>
          ) : null}
          <Hands id={incident.id} />
        </p>
        <ResponseBar incident={incident} />
      </div>
    </div>
  );
}

/** One incident of the list; it renders when that one has changed. */
export const IncidentRow = memo(function IncidentRow({ id }: { id: number }) {
  const incident = useEntity("incidents", id);
  return incident ? <RowOf incident={incident} /> : null;
});
