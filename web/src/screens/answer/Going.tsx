import type { Incident } from "@schema";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { useEntity, useNow } from "@/live/hooks";
import styles from "@/screens/answer/Side.module.css";
import { langOf, useScript } from "@/screens/answer/script";
import { Badge, Elapsed, Empty, Panel, PriorityMark, StateMark } from "@/ui";

const THERE = ["on_scene", "at_patient", "left_scene", "at_facility", "handed_over"];

/** Whole minutes as one says them; never less than one. */
export function minutesUntil(expected: string, now_ms: number): number {
  return Math.max(1, Math.round((Date.parse(expected) - now_ms) / 60_000));
}

function GoingUnit({ id }: { id: number }) {
  const { t } = useTranslation("answer");
  const format = useFormat();
  const mission = useEntity("missions", id);
  if (!mission) return null;
  const there = THERE.includes(mission.state);
  return (
    <li className={styles.unit}>
      <span className={styles.unitName}>{mission.unit_name || mission.unit_code}</span>
      <StateMark kind="mission_state" state={mission.state} />
      <span className={styles.unitTime}>
        {there || !mission.expected_at ? null : (
          <>
            <Elapsed since={mission.expected_at} down />{" "}
            <span className={styles.dim}>{format.time(mission.expected_at)}</span>
          </>
        )}
        {there ? t("going.there") : mission.expected_at ? null : t("going.unknown")}
      </span>
    </li>
  );
}

/** What can be said to the caller about it, in the caller's language. */
function Say({ incident }: { incident: Incident }) {
  const { language } = useScript();
  const { i18n } = useTranslation("answer");
  const t = i18n.getFixedT(langOf(language), "answer");
  const now = useNow();
  const first = useEntity("missions", incident.missions[0]?.id);
  const there = first && THERE.includes(first.state);
  const minutes = first?.expected_at && !there ? minutesUntil(first.expected_at, now) : null;
  const words = there
    ? t("going.sayThere")
    : minutes === null
      ? first
        ? t("going.sayGoing")
        : t("going.sayNone")
      : t("going.sayMinutes", { count: minutes });
  return (
    <p className={styles.say} lang={langOf(language)}>
      {words}
    </p>
  );
}

/** After the hand-over: who goes, and when they arrive. */
export function Going({ incident }: { incident: Incident | undefined }) {
  const { t } = useTranslation("answer");
  const title = t("going.title");
  if (!incident) return <Panel title={title}>{t("triage.loading")}</Panel>;
  return (
    <Panel
      title={title}
      tools={
        <>
          <PriorityMark priority={incident.priority} short />
          <StateMark kind="incident_state" state={incident.state} />
        </>
      }
      padded
      scrolls
      className={styles.going}
    >
      {incident.state === "closed" && incident.missions.length === 0 ? null : <Say incident={incident} />}
      {incident.missions.length === 0 ? (
        <Empty title={t(incident.state === "closed" ? "going.over" : "going.none")}>
          {incident.state === "closed" ? null : (
            <Elapsed since={incident.offered_at} target_s={incident.response_target_s} />
          )}
        </Empty>
      ) : (
        <ul className={styles.units}>
          {incident.missions.map((mission) => (
            <GoingUnit key={mission.id} id={mission.id} />
          ))}
        </ul>
      )}
      {incident.units_short > 0 ? <Badge tone="bad">{t("going.short", { count: incident.units_short })}</Badge> : null}
    </Panel>
  );
}
