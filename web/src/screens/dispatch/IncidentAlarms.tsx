import type { Alarm, Incident } from "@schema";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { rolesOf, sessionStore } from "@/api/session";
import { useLabel } from "@/i18n/labels";
import { isOwn, useAlarmsOf } from "@/screens/dispatch/alarms";
import styles from "@/screens/dispatch/IncidentAlarms.module.css";
import { Elapsed } from "@/ui/Elapsed";
import { KeyHint } from "@/ui/KeyHint";

function Waits({ alarm }: { alarm: Alarm }) {
  const { t } = useTranslation("dispatch");
  const label = useLabel();
  const roles = rolesOf(useStore(sessionStore, (store) => store.session));
  if (!isOwn(alarm, roles)) return t("alarm.others", { desk: label("desk", alarm.owner) });
  return (
    <>
      {t("alarm.open")} <KeyHint keys="k" />
    </>
  );
}

/** What was not done in time, in words, and who has seen it. */
export function IncidentAlarms({ incident }: { incident: Incident }) {
  const { t } = useTranslation("dispatch");
  const label = useLabel();
  const alarms = useAlarmsOf(incident.id);
  const seen = (alarm: Alarm) => t("alarm.seen", { name: alarm.acknowledged_by?.name ?? "" });
  if (alarms.length === 0) return null;
  return (
    <ul className={styles.alarms}>
      {alarms.map((alarm) => (
        <li key={alarm.id} data-state={alarm.state}>
          <b>{label("alarm_kind", alarm.kind)}</b> <Elapsed since={alarm.raised_at} />
          <span className={styles.seen}>{alarm.state === "raised" ? <Waits alarm={alarm} /> : seen(alarm)}</span>
        </li>
      ))}
    </ul>
  );
}
