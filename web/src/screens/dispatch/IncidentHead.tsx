import type { Incident } from "@schema";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { useLabel } from "@/i18n/labels";
import { coordinates, placeName, usePlace } from "@/lib/place";
import { HandMark } from "@/screens/dispatch/HandMark";
import { useOtherHands } from "@/screens/dispatch/hands";
import styles from "@/screens/dispatch/IncidentHead.module.css";
import { ResponseBar, ResponseTime } from "@/screens/dispatch/ResponseClock";
import { Badge } from "@/ui/Badge";
import { PriorityMark } from "@/ui/PriorityMark";
import { StateMark } from "@/ui/StateMark";

function Changed({ incident }: { incident: Incident }) {
  const { t } = useTranslation("dispatch");
  const format = useFormat();
  const label = useLabel();
  const change = incident.last_change;
  if (!change) return null;
  const who = change.name || label("actor_kind", change.actor_kind);
  return <span className={styles.changed}>{t("head.changed", { who, when: format.timeSeconds(change.at) })}</span>;
}

function OtherHands({ id }: { id: number }) {
  const { t } = useTranslation("dispatch");
  const names = useOtherHands(id);
  return names ? (
    <p className={styles.hands} role="status">
      <HandMark />
      {t("hands.title", { names })}
    </p>
  ) : null;
}

function Needs({ incident }: { incident: Incident }) {
  const { t } = useTranslation("dispatch");
  const label = useLabel();
  const { needs, marks, units_wanted, units_assigned, units_short } = incident;
  return (
    <div className={styles.badges}>
      {marks.map((mark) => (
        <Badge key={mark} tone="bad">
          {label("triage_mark", mark)}
        </Badge>
      ))}
      {needs.map((need) => (
        <Badge key={need}>{label("need_set", need)}</Badge>
      ))}
      <Badge tone={units_assigned + units_short < units_wanted ? "warn" : "ok"}>
        {t("head.units", { assigned: units_assigned, wanted: units_wanted })}
      </Badge>
      {units_short > 0 ? <Badge tone="bad">{t("head.short", { count: units_short })}</Badge> : null}
      {incident.state === "queued" && incident.queue_reason ? (
        <Badge tone="warn">{label("shortfall_reason", incident.queue_reason)}</Badge>
      ) : null}
    </div>
  );
}

/** What it is, where, since when, and who changed it last. */
export function IncidentHead({ incident }: { incident: Incident }) {
  const { t } = useTranslation("dispatch");
  const place = usePlace(incident.point);
  const name = (place && placeName(place)) ?? coordinates(incident.point);
  const around = [place?.place, incident.district_name].filter((part) => part && part !== name);
  return (
    <header className={styles.head}>
      <div className={styles.top}>
        <div className={styles.what}>
          <p className={styles.line}>
            <PriorityMark priority={incident.priority} large />
            <span className={styles.number}>{t("number", { id: incident.id })}</span>
            <StateMark kind="incident_state" state={incident.state} />
          </p>
          <h3 className={styles.place}>{name}</h3>
          <p className={styles.around}>
            {around.join(" · ")} <Changed incident={incident} />
          </p>
        </div>
        <div className={styles.clock}>
          <ResponseTime incident={incident} large />
          <ResponseBar incident={incident} />
        </div>
      </div>
      <Needs incident={incident} />
      <OtherHands id={incident.id} />
    </header>
  );
}
