import type { Mission } from "@schema";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { useLabel } from "@/i18n/labels";
import { useEntity } from "@/live/hooks";
import styles from "@/screens/hospital/Arrivals.module.css";
import {
  arrivedAt,
  expectedAt,
  HANDOVER_TARGET_S,
  isDemanding,
  pathwaysOf,
  stageOf,
} from "@/screens/hospital/arrivals";
import { PatientLine } from "@/screens/hospital/PatientLine";
import { Badge, Button, Elapsed, PriorityMark, Stale } from "@/ui";

const DESCRIBED_OLD_S = 900;

function Clock({ mission }: { mission: Mission }) {
  const { t } = useTranslation("hospital");
  const format = useFormat();
  const stage = stageOf(mission) ?? "outbound";
  const expected = expectedAt(mission);
  return (
    <div className={styles.clock} data-stage={stage}>
      <span className={styles.stage}>{t(`stage.${stage}`)}</span>
      {stage === "door" ? (
        <Elapsed since={arrivedAt(mission)} target_s={HANDOVER_TARGET_S} large bare />
      ) : expected ? (
        <Elapsed since={expected} down large />
      ) : (
        <span className={styles.unknown}>{t("clock.unknown")}</span>
      )}
      <span className={styles.at}>
        {stage === "door"
          ? t("clock.handoverTarget", { time: format.duration(HANDOVER_TARGET_S) })
          : expected
            ? t("clock.at", { time: format.time(expected) })
            : t(stage === "scene" ? "clock.notLeft" : "clock.noEstimate")}
      </span>
    </div>
  );
}

function Bed({ mission }: { mission: Mission }) {
  const { t } = useTranslation("hospital");
  const label = useLabel();
  if (mission.bed_reserved) {
    const kind = label("bed_kind", mission.bed_kind_reserved ?? mission.bed_kind);
    return <Badge tone="ok">{t("bed.reserved", { kind })}</Badge>;
  }
  return <Badge tone="warn">{t("bed.none", { kind: label("bed_kind", mission.bed_kind) })}</Badge>;
}

function Prealert({ mission }: { mission: Mission }) {
  const { t } = useTranslation("hospital");
  const format = useFormat();
  if (!mission.prealert_at) return null;
  if (isDemanding(mission))
    return (
      <Badge tone="bad">
        {t("prealert.demand")} <Elapsed since={mission.prealert_at} />
      </Badge>
    );
  return <Badge>{t("prealert.acknowledged", { time: format.time(mission.prealert_acknowledged_at) })}</Badge>;
}

export interface CardProps {
  id: number;
  selected: boolean;
  /** The person works here. */
  own: boolean;
  onSelect: () => void;
  onAcknowledge: (mission: Mission) => void;
  onHandOver: (mission: Mission) => void;
}

/** A patient who comes, or stands at the door. */
export function ArrivalCard({ id, selected, own, onSelect, onAcknowledge, onHandOver }: CardProps) {
  const { t } = useTranslation("hospital");
  const label = useLabel();
  const mission = useEntity("missions", id);
  const card = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (selected) card.current?.scrollIntoView?.({ block: "nearest" });
  }, [selected]);
  if (!mission) return null;
  const demanding = isDemanding(mission);
  // The button goes with what it did; whoever pressed it goes on from the card.
  const act = (task: (mission: Mission) => void) => {
    card.current?.focus();
    task(mission);
  };
  return (
    <li
      ref={card}
      className={styles.card}
      data-demanding={demanding || undefined}
      data-selected={selected || undefined}
      aria-current={selected ? "true" : undefined}
      tabIndex={-1}
      onPointerDown={onSelect}
      onFocus={onSelect}
    >
      <Clock mission={mission} />
      <div className={styles.middle}>
        <div className={styles.head}>
          {mission.priority ? <PriorityMark priority={mission.priority} /> : null}
          <strong className={styles.unit}>{mission.unit_name || mission.unit_code}</strong>
          {pathwaysOf(mission).map((need) => (
            <Badge key={need} tone="accent">
              {label("need_set", need)}
            </Badge>
          ))}
        </div>
        <PatientLine mission={mission} />
        <div className={styles.foot}>
          <Bed mission={mission} />
          <Prealert mission={mission} />
          <span className={styles.number}>
            {mission.patient ? (
              <>
                {t("patient.described")} <Stale at={mission.patient.described_at} limit_s={DESCRIBED_OLD_S} />
                {" · "}
              </>
            ) : null}
            {t("incident", { n: mission.incident })}
            {mission.district_name ? ` · ${mission.district_name}` : null}
          </span>
          <div className={styles.actions}>
            {own && demanding ? (
              <Button kind="primary" hint={selected ? "a" : undefined} onPress={() => act(onAcknowledge)}>
                {t("acknowledge")}
              </Button>
            ) : null}
            {own && mission.state === "at_facility" ? (
              <Button
                kind={demanding ? "normal" : "primary"}
                hint={selected ? "h" : undefined}
                onPress={() => act(onHandOver)}
              >
                {t("handOver.button")}
              </Button>
            ) : null}
          </div>
        </div>
      </div>
    </li>
  );
}
