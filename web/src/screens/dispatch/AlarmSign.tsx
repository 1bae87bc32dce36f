import type { Incident } from "@schema";
import { useLabel } from "@/i18n/labels";
import styles from "@/screens/dispatch/AlarmSign.module.css";
import { useAlarmsOf } from "@/screens/dispatch/alarms";

/** The alarm of a row: what was not done in time; what has been acknowledged is quieter. */
export function AlarmSign({ incident }: { incident: Incident }) {
  const label = useLabel();
  const [alarm] = useAlarmsOf(incident.id);
  if (!alarm) return null;
  const word = label("alarm_kind", alarm.kind);
  return (
    <span className={styles.sign} data-state={alarm.state} title={`${word} (${label("alarm_state", alarm.state)})`}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d="M8 1a4.5 4.5 0 0 1 4.5 4.5V9L14 12H2l1.5-3V5.5A4.5 4.5 0 0 1 8 1ZM6.3 13h3.4a1.7 1.7 0 0 1-3.4 0Z" />
      </svg>
      <span className="visually-hidden">{word}</span>
    </span>
  );
}
