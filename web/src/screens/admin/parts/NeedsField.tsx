import { type NeedSetLabel, needSetValues } from "@schema";
import { useLabel } from "@/i18n/labels";
import styles from "@/screens/admin/parts/Form.module.css";
import { Checkbox } from "@/ui";

export interface NeedsFieldProps {
  label: string;
  value: readonly NeedSetLabel[];
  onChange: (value: readonly NeedSetLabel[]) => void;
  error?: string;
}

/** Skills or capabilities, in the order of the schema. */
export function NeedsField({ label, value, onChange, error }: NeedsFieldProps) {
  const named = useLabel();
  const turn = (need: NeedSetLabel, on: boolean) =>
    onChange(needSetValues.filter((one) => (one === need ? on : value.includes(one))));
  return (
    <fieldset className={styles.group}>
      <legend className={styles.legend}>{label}</legend>
      <div className={styles.checks}>
        {needSetValues.map((need) => (
          <Checkbox key={need} isSelected={value.includes(need)} onChange={(on) => turn(need, on)}>
            {named("need_set", need)}
          </Checkbox>
        ))}
      </div>
      {error ? <p className={styles.fault}>{error}</p> : null}
    </fieldset>
  );
}
