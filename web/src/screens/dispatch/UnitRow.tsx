import type { Unit } from "@schema";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { useLabel } from "@/i18n/labels";
import { useEntity, useNow } from "@/live/hooks";
import { positionOf } from "@/live/positions";
import { useSuggestion } from "@/live/suggestion";
import styles from "@/screens/dispatch/UnitRow.module.css";
import { Stale } from "@/ui/Stale";
import { StateMark } from "@/ui/StateMark";

/** A position older than this is marked. */
const OLD_S = 120;

/** How old the unit's position is; no position has ever come: that. */
export function PositionAge({ unit }: { unit: number }) {
  const { t } = useTranslation("dispatch");
  useNow();
  const at_ms = positionOf(unit)?.at_ms;
  if (at_ms === undefined) return <span>{t("unit.noPosition")}</span>;
  return (
    <span title={t("unit.position")}>
      <Stale at={at_ms} limit_s={OLD_S} />
    </span>
  );
}

/** A unit without a mission: at its post by its positions, and on its way there by what was reported. */
function AtPost({ unit }: { unit: Unit }) {
  const { t } = useTranslation("dispatch");
  const format = useFormat();
  const suggestion = useSuggestion({ unit, mission: null });
  if (!suggestion) return null;
  return <span> · {t(`suggested.${suggestion.what}`, { time: format.timeSeconds(suggestion.at_ms) })}</span>;
}

function Where({ unit }: { unit: Unit }) {
  const { t } = useTranslation("dispatch");
  const label = useLabel();
  const mission = useEntity("missions", unit.mission);
  if (!mission) return <span>{unit.post_name || unit.post_code || unit.district_name || ""}</span>;
  const to = mission.facility_name || mission.facility_code;
  const where = to
    ? t("unit.toFacility", { id: mission.incident, name: to })
    : t("unit.atIncident", { id: mission.incident });
  return (
    <span>
      {label("mission_state", mission.state)} · {where}
    </span>
  );
}

/** One unit of the list; it renders when that one has changed. */
export const UnitRow = memo(function UnitRow({ id }: { id: number }) {
  const unit = useEntity("units", id);
  if (!unit) return null;
  return (
    <div className={styles.row}>
      <p className={styles.line}>
        <b className={styles.code}>{unit.code}</b>
        <StateMark kind="unit_state" state={unit.state} />
        <span className={styles.age}>
          <PositionAge unit={id} />
        </span>
      </p>
      <p className={styles.where}>
        <Where unit={unit} />
        <AtPost unit={unit} />
      </p>
    </div>
  );
});
