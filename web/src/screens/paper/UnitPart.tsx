import { Fragment } from "react";
import { useTranslation } from "react-i18next";
import { useLabel } from "@/i18n/labels";
import { CodeField } from "@/screens/paper/CodeField";
import { useEntryHere } from "@/screens/paper/context";
import { ENDS, type Stage, UNITS_MAX } from "@/screens/paper/fields";
import styles from "@/screens/paper/Paper.module.css";
import { Pick } from "@/screens/paper/Pick";
import { TimeField } from "@/screens/paper/TimeField";
import type { Lists } from "@/screens/paper/useLists";
import { Button, Panel } from "@/ui";

/** The rows of a unit's log, as printed. */
const ROWS = [
  "unit",
  "sent",
  "notified",
  "acknowledged",
  "departed",
  "on_scene",
  "at_patient",
  "left_scene",
  "hospital",
  "at_hospital",
  "handed_over",
  "available",
  "back_at_post",
  "ended",
] as const;

function Cell({ row, index, lists }: { row: (typeof ROWS)[number]; index: number; lists: Lists }) {
  const { t } = useTranslation("paper");
  const label = useLabel();
  const { fields, setUnit } = useEntryHere();
  const unit = fields.units[index];
  if (!unit) return null;
  const shared = { id: `units.${index}.${row}`, label: t("unit.cell", { number: index + 1, row: t(`stage.${row}`) }) };
  if (row === "unit" || row === "hospital")
    return (
      <CodeField
        {...shared}
        all={row === "unit" ? lists.units : lists.facilities}
        value={unit[row]}
        onChange={(value) => setUnit(index, { [row]: value })}
      />
    );
  if (row === "ended")
    return (
      <Pick
        {...shared}
        labelHidden
        none={label("mission_end_reason", "completed")}
        choices={ENDS.map((value) => ({ value, text: label("mission_end_reason", value) }))}
        value={unit.ended}
        onChange={(ended) => setUnit(index, { ended })}
      />
    );
  const stage: Stage = row;
  return (
    <TimeField {...shared} labelHidden value={unit[stage]} onChange={(value) => setUnit(index, { [stage]: value })} />
  );
}

/** A column a unit, as in its log: the times go down. */
export function UnitPart({ lists }: { lists: Lists }) {
  const { t } = useTranslation("paper");
  const { fields, addUnit, removeUnit } = useEntryHere();
  const { units } = fields;
  return (
    <Panel
      title={t("unit.title")}
      count={units.length}
      tools={
        <Button size="small" onPress={addUnit} isDisabled={units.length >= UNITS_MAX} hint="Alt+u">
          {t("unit.add")}
        </Button>
      }
      className={styles.units}
    >
      <div className={styles.log}>
        <div className={styles.logNames} aria-hidden="true">
          {ROWS.map((row) => (
            <span key={row} className={styles.rowName}>
              {t(`stage.${row}`)}
            </span>
          ))}
        </div>
        {units.map((_, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a column is its place, and holds no state of its own
          <div key={index} className={styles.column} role="group" aria-label={t("unit.number", { number: index + 1 })}>
            {ROWS.map((row) => (
              <Fragment key={row}>
                <Cell row={row} index={index} lists={lists} />
              </Fragment>
            ))}
            <Button size="small" kind="quiet" onPress={() => removeUnit(index)} excludeFromTabOrder>
              {t("unit.remove")}
            </Button>
          </div>
        ))}
      </div>
      <p className={styles.explain}>{t("unit.help")}</p>
    </Panel>
  );
}
