import type { ReactNode } from "react";
import styles from "@/screens/dispatch/Chips.module.css";

export interface ChipsProps<V extends string> {
  label: string;
  values: readonly V[];
  chosen: V;
  text: (value: V) => string;
  onChoose: (value: V) => void;
  /** At the right: a key, a count. */
  children?: ReactNode;
}

/** One of a few, all of them to be seen. */
export function Chips<V extends string>({ label, values, chosen, text, onChoose, children }: ChipsProps<V>) {
  return (
    <div className={styles.chips} role="group" aria-label={label}>
      {values.map((value) => (
        <button
          key={value}
          type="button"
          className={styles.chip}
          aria-pressed={value === chosen}
          onClick={() => onChoose(value)}
        >
          {text(value)}
        </button>
      ))}
      <span className={styles.rest}>{children}</span>
    </div>
  );
}
