import { Label } from "react-aria-components/Label";
import { Radio, RadioGroup } from "react-aria-components/RadioGroup";
import styles from "@/screens/hospital/Options.module.css";

export interface Option<V extends string> {
  value: V;
  text: string;
}

export interface OptionsProps<V extends string> {
  label: string;
  options: readonly Option<V>[];
  value: V | null;
  onChange: (value: V) => void;
  autoFocus?: boolean;
}

/** A few choices that all stand open: one press each, arrows move. */
export function Options<V extends string>({ label, options, value, onChange, autoFocus }: OptionsProps<V>) {
  return (
    <RadioGroup className={styles.group} value={value} onChange={(chosen) => onChange(chosen as V)}>
      <Label className={styles.label}>{label}</Label>
      <div className={styles.options}>
        {options.map((option, index) => (
          <Radio
            key={option.value}
            value={option.value}
            className={styles.option}
            autoFocus={autoFocus && (value === null ? index === 0 : option.value === value)}
          >
            <span className={styles.dot} aria-hidden="true" />
            {option.text}
          </Radio>
        ))}
      </div>
    </RadioGroup>
  );
}
