import type { Incident } from "@schema";
import { useTranslation } from "react-i18next";
import { useLabel } from "@/i18n/labels";
import { useAlarmsOf } from "@/screens/dispatch/alarms";
import styles from "@/screens/dispatch/IncidentAlarms.module.css";
import { Elapsed } from "@/ui/Elapsed";
import { KeyHint } from "@/ui/KeyHint";

/** What was not done in time, in words, and who has seen it. */
export function IncidentAlarms({ incident }: { incident: Incident }) {
  const { t } = useTranslation("dispatch");
  const label = useLabel();
  const alarms = useAlarmsOf(incident.id);
  if (alarms.length === 0) return null;
  return (
    <ul className={styles.alarms}>
      {alarms.map((alarm) => (
        <li key={alarm.id} data-state={alarm.state}>
          <b>{label("alarm_kind", alarm.kind)}</b> <Elapsed since={alarm.raised_at} />
          <span className={styles.seen}>
            {alarm.state === "raised" ? (
              <>
                {t("alarm.open")} <KeyHint keys="k" />
              </>
            ) : (
              t("alarm.seen", { name: alarm.acknowledged_by?.name ?? "" })
            )}
          </span>
        </li>
      ))}
    </ul>
  );
}
