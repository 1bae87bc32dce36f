import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { useEntryHere } from "@/screens/paper/context";
import styles from "@/screens/paper/Paper.module.css";
import { clockLooks } from "@/screens/paper/times";
import { useFaultText } from "@/screens/paper/useFaultText";
import { Field } from "@/ui";

export interface TimeFieldProps {
  id: string;
  label: string;
  labelHidden?: boolean;
  value: string;
  onChange: (value: string) => void;
}

const LENGTH_MAX = 8;

/** Four keys, or six with seconds; the day follows from what comes before, and is told where it is another. */
export function TimeField({ id, label, labelHidden, value, onChange }: TimeFieldProps) {
  const { t } = useTranslation("paper");
  const entry = useEntryHere();
  const format = useFormat();
  const error = useFaultText(entry)(id);
  const { begun_ms } = entry.outage.outage ?? {};
  const at_ms = entry.at[id];
  const isOtherDay = at_ms !== undefined && begun_ms !== undefined && format.date(at_ms) !== format.date(begun_ms);
  return (
    <div className={styles.time} data-field={id}>
      <Field
        label={label}
        labelHidden={labelHidden ?? false}
        value={value}
        onChange={onChange}
        onBlur={() => {
          const shown = clockLooks(value);
          if (shown !== value) onChange(shown);
          entry.leave(id);
        }}
        inputMode="numeric"
        autoComplete="off"
        maxLength={LENGTH_MAX}
        placeholder={labelHidden ? "" : t("timeHint")}
        help={isOtherDay ? format.date(at_ms) : undefined}
        error={error}
      />
    </div>
  );
}
