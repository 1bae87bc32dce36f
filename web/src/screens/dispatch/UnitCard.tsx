import { useTranslation } from "react-i18next";
import { useLabel } from "@/i18n/labels";
import { useEntity } from "@/live/hooks";
import { beginLine } from "@/screens/dispatch/store";
import styles from "@/screens/dispatch/UnitCard.module.css";
import { Badge } from "@/ui/Badge";
import { Button } from "@/ui/Button";

export interface UnitCardProps {
  id: number;
  /** The incident that is shown. */
  incident: number | null;
  onIncident: (id: number) => void;
}

/** The unit that is chosen in the list: what it can do, and what can be done with it. */
export function UnitCard({ id, incident, onIncident }: UnitCardProps) {
  const { t } = useTranslation("dispatch");
  const label = useLabel();
  const unit = useEntity("units", id);
  if (!unit) return null;
  const at = unit.incident;
  return (
    <div className={styles.card}>
      <p className={styles.skills}>
        {unit.name === unit.code ? null : <b>{unit.name}</b>}
        {unit.skills.map((skill) => (
          <Badge key={skill}>{label("need_set", skill)}</Badge>
        ))}
        {unit.shift_ends ? <Badge tone="warn">{t("unit.shiftEnds")}</Badge> : null}
      </p>
      <div className={styles.acts}>
        {incident !== null && incident !== at ? (
          <Button size="small" onPress={() => beginLine(`send ${unit.code} to ${incident}`)}>
            {t("unit.send", { id: incident })}
          </Button>
        ) : null}
        {at === null ? null : (
          <Button size="small" onPress={() => onIncident(at)}>
            {t("unit.show", { id: at })}
          </Button>
        )}
        <Button size="small" onPress={() => beginLine(`msg ${unit.code} `)}>
          {t("act.message")}
        </Button>
        <Button size="small" onPress={() => beginLine(`move ${unit.code} `)}>
          {t("unit.move")}
        </Button>
        <Button size="small" onPress={() => beginLine(`report ${unit.code} `)}>
          {t("unit.report")}
        </Button>
      </div>
    </div>
  );
}
