import type { Unit } from "@schema";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { useLabel } from "@/i18n/labels";
import { useEntity, useSelected } from "@/live/hooks";
import styles from "@/screens/map/Cards.module.css";
import type { CardProps } from "@/screens/map/SelectionPanel";
import { Button } from "@/ui/Button";
import { StateMark } from "@/ui/StateMark";

export function FacilityCard({ id }: { id: number }) {
  const { t } = useTranslation("map");
  const label = useLabel();
  const format = useFormat();
  const facility = useEntity("facilities", id);
  if (!facility) return <p className={styles.gone}>{t("cards.gone")}</p>;
  return (
    <>
      <header className={styles.head}>
        <h2>{facility.name}</h2>
      </header>
      <div className={styles.row}>
        <StateMark kind="facility_state" state={facility.state} />
        {facility.state === "diverting" ? (
          <span>
            {label("diversion_cause", facility.diverting_cause)}
            {facility.diverting_until ? ` · ${t("cards.until", { time: format.time(facility.diverting_until) })}` : ""}
          </span>
        ) : null}
      </div>
      <table className={styles.beds}>
        <thead>
          <tr>
            <th>{t("cards.beds")}</th>
            <th>{label("bed_state", "available")}</th>
            <th>{label("bed_state", "reserved")}</th>
            <th>{label("bed_state", "occupied")}</th>
          </tr>
        </thead>
        <tbody>
          {facility.beds.map((beds) => (
            <tr key={beds.kind}>
              <th scope="row">{label("bed_kind", beds.kind)}</th>
              <td>{beds.available}</td>
              <td>{beds.reserved}</td>
              <td>{beds.occupied}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className={styles.quiet}>{facility.capabilities.map((one) => label("need_set", one)).join(", ")}</p>
    </>
  );
}

export function PostCard({ id, select }: CardProps) {
  const { t } = useTranslation("map");
  const post = useEntity("posts", id);
  const pick = useCallback(
    (units: Iterable<Unit>) =>
      [...units].filter((unit) => unit.post === id && !unit.retired).sort((a, b) => a.id - b.id),
    [id],
  );
  const units = useSelected("units", pick);
  if (!post) return <p className={styles.gone}>{t("cards.gone")}</p>;
  return (
    <>
      <header className={styles.head}>
        <h2>{post.name}</h2>
      </header>
      {units.length === 0 ? <p className={styles.quiet}>{t("cards.noUnitsHere")}</p> : null}
      <ul className={styles.list} aria-label={t("cards.units")}>
        {units.map((unit) => (
          <li key={unit.id}>
            <Button kind="quiet" size="small" onPress={() => select({ kind: "unit", id: unit.id })}>
              {unit.code}
            </Button>
            <StateMark kind="unit_state" state={unit.state} />
          </li>
        ))}
      </ul>
    </>
  );
}
