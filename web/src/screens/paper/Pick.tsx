import { useId } from "react";
import { useTranslation } from "react-i18next";
import { useEntryHere } from "@/screens/paper/context";
import styles from "@/screens/paper/Paper.module.css";
import { useFaultText } from "@/screens/paper/useFaultText";

export interface PickProps<V extends string> {
  id: string;
  label: string;
  labelHidden?: boolean;
  choices: readonly { value: V; text: string }[];
  /** What stands there when nothing is chosen. */
  none: string;
  value: V | "";
  onChange: (value: V | "") => void;
}

/** One of a list by its first letters or by arrows; Enter goes on to the next field, which a list that opens would not let it. */
export function Pick<V extends string>({ id, label, labelHidden, choices, none, value, onChange }: PickProps<V>) {
  const { t } = useTranslation("paper");
  const entry = useEntryHere();
  const own = useId();
  const error = useFaultText(entry)(id);
  // Of a draft, while the list has not come: it is what will be sent, so it is shown.
  const isUnlisted = value !== "" && !choices.some((choice) => choice.value === value);
  return (
    <div className={styles.pick} data-field={id}>
      <label className={labelHidden ? "visually-hidden" : styles.label} htmlFor={own}>
        {label}
      </label>
      <select
        id={own}
        className={styles.input}
        value={value}
        aria-invalid={Boolean(error)}
        aria-describedby={error ? `${own}-error` : undefined}
        onChange={(event) => onChange(event.target.value as V | "")}
        onBlur={() => entry.leave(id)}
      >
        <option value="">{none}</option>
        {isUnlisted ? <option value={value}>{t("unlisted")}</option> : null}
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.text}
          </option>
        ))}
      </select>
      {error ? (
        <p className={styles.error} id={`${own}-error`}>
          {error}
        </p>
      ) : null}
    </div>
  );
}
