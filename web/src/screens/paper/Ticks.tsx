import { type KeyboardEvent, useId } from "react";
import { useEntryHere } from "@/screens/paper/context";
import styles from "@/screens/paper/Paper.module.css";
import { useFaultText } from "@/screens/paper/useFaultText";

export interface TicksProps<V extends string> {
  id: string;
  label: string;
  values: readonly V[];
  text: (value: V) => string;
  chosen: readonly V[];
  onChange: (chosen: V[]) => void;
  /** More than one can be ticked. */
  several?: boolean;
}

/** Boxes as on the form: a digit ticks one and takes the tick away again. */
export function Ticks<V extends string>({ id, label, values, text, chosen, onChange, several }: TicksProps<V>) {
  const entry = useEntryHere();
  const error = useFaultText(entry)(id);
  const name = useId();
  const toggle = (value: V) => {
    if (chosen.includes(value)) onChange(chosen.filter((one) => one !== value));
    else onChange(several ? values.filter((one) => one === value || chosen.includes(one)) : [value]);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const value = values[Number(event.key) - 1];
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Backspace" || event.key === "Delete") onChange([]);
    else if (value !== undefined) toggle(value);
    else return;
    event.preventDefault();
  };
  return (
    <fieldset
      className={styles.ticks}
      data-field={id}
      onKeyDown={onKeyDown}
      onBlur={() => entry.leave(id)}
      aria-describedby={error ? `${name}-error` : undefined}
    >
      <legend className={styles.label}>{label}</legend>
      <div className={styles.boxes}>
        {values.map((value, index) => (
          <label key={value} className={styles.tick}>
            <input
              type={several ? "checkbox" : "radio"}
              name={name}
              checked={chosen.includes(value)}
              onChange={() => toggle(value)}
              onClick={() => !several && chosen.includes(value) && onChange([])}
            />
            <span className={styles.digit} aria-hidden="true">
              {index + 1}
            </span>
            {text(value)}
          </label>
        ))}
      </div>
      {error ? (
        <p className={styles.error} id={`${name}-error`} role="alert">
          <span aria-hidden="true">✕ </span>
          {error}
        </p>
      ) : null}
    </fieldset>
  );
}
