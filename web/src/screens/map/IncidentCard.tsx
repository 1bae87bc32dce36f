import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { rolesOf, sessionStore } from "@/api/session";
import { useLabel } from "@/i18n/labels";
import { useEntity } from "@/live/hooks";
import styles from "@/screens/map/Cards.module.css";
import type { CardProps } from "@/screens/map/SelectionPanel";
import { goTo } from "@/shell/router";
import { screensOf } from "@/shell/screens";
import { Button } from "@/ui/Button";
import { Elapsed } from "@/ui/Elapsed";
import { PriorityMark } from "@/ui/PriorityMark";
import { StateMark } from "@/ui/StateMark";

function useMayDispatch(): boolean {
  const session = useStore(sessionStore, (store) => store.session);
  return session !== null && screensOf(rolesOf(session)).some((screen) => screen.name === "dispatch");
}

export function IncidentCard({ id, select }: CardProps) {
  const { t } = useTranslation("map");
  const label = useLabel();
  const incident = useEntity("incidents", id);
  const mayDispatch = useMayDispatch();
  if (!incident) return <p className={styles.gone}>{t("cards.gone")}</p>;
  const arrived = incident.units_arrived > 0;
  return (
    <>
      <header className={styles.head}>
        <PriorityMark priority={incident.priority} />
        <h2>{t("cards.incidentTitle", { id })}</h2>
      </header>
      <div className={styles.row}>
        <StateMark kind="incident_state" state={incident.state} />
        <Elapsed since={incident.offered_at} target_s={arrived ? null : incident.response_target_s} />
      </div>
      <dl className={styles.facts}>
        {incident.district_name ? (
          <>
            <dt>{t("cards.district")}</dt>
            <dd>{incident.district_name}</dd>
          </>
        ) : null}
        {incident.needs.length > 0 ? (
          <>
            <dt>{t("cards.needs")}</dt>
            <dd>{incident.needs.map((need) => label("need_set", need)).join(", ")}</dd>
          </>
        ) : null}
        {incident.units_assigned === 0 && incident.queue_reason ? (
          <>
            <dt>{t("cards.why")}</dt>
            <dd>{label("shortfall_reason", incident.queue_reason)}</dd>
          </>
        ) : null}
      </dl>
      {incident.missions.length > 0 ? (
        <ul className={styles.list} aria-label={t("cards.units")}>
          {incident.missions.map((mission) => (
            <li key={mission.id}>
              <Button
                kind="quiet"
                size="small"
                isDisabled={mission.unit === null}
                onPress={() => select({ kind: "unit", id: mission.unit ?? 0 })}
              >
                {mission.unit_code}
              </Button>
              <StateMark kind="mission_state" state={mission.state} />
            </li>
          ))}
        </ul>
      ) : (
        <p className={styles.quiet}>{t("cards.noUnits")}</p>
      )}
      {mayDispatch ? (
        <div className={styles.tools}>
          <Button size="small" onPress={() => goTo("dispatch", { incident: id })}>
            {t("cards.toDispatch")}
          </Button>
        </div>
      ) : null}
    </>
  );
}
