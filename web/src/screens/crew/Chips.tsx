import styles from "@/screens/crew/crew.module.css";
import { classes } from "@/ui/classes";

export interface ChipsProps<V extends string> {
  label: string;
  choices: readonly { value: V; text: string }[];
  chosen: readonly V[];
  onToggle: (value: V) => void;
}

/** Choices as big buttons; the chosen ones carry a tick. */
export function Chips<V extends string>({ label, choices, chosen, onToggle }: ChipsProps<V>) {
  return (
    <fieldset className={styles.chips}>
      <legend className={styles.label}>{label}</legend>
      {choices.map(({ value, text }) => {
        const is = chosen.includes(value);
        return (
          <button
            key={value}
            type="button"
            className={classes(styles.chip, is && styles.chosen)}
            aria-pressed={is}
            onClick={() => onToggle(value)}
          >
            {is ? <span aria-hidden="true">✓ </span> : null}
            {text}
          </button>
        );
      })}
    </fieldset>
  );
}

/** The list with the value in it, or without. */
export function toggled<V>(list: readonly V[], value: V): V[] {
  return list.includes(value) ? list.filter((one) => one !== value) : [...list, value];
}
