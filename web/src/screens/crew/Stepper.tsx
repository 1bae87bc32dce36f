import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import styles from "@/screens/crew/crew.module.css";
import { Button } from "@/ui/Button";

const FIRST_MS = 400;
const NEXT_MS = 110;

export interface StepperProps {
  label: string;
  unit?: string;
  value: number | null;
  onChange: (value: number | null) => void;
  min: number;
  max: number;
  step: number;
  /** Where the first press begins. */
  start: number;
}

/** A figure by two big buttons, which go on while they are held, or by typing. Empty: not measured. */
export function Stepper({ label, unit, value, onChange, min, max, step, start }: StepperProps) {
  const { t } = useTranslation("crew");
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const current = useRef(value);
  useEffect(() => {
    current.current = value;
  }, [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const move = (by: number) => {
    const before = current.current;
    const next = before === null ? start : Math.min(max, Math.max(min, before + by));
    current.current = next;
    onChange(next);
  };
  const begin = (by: number) => {
    move(by);
    const again = () => {
      move(by);
      timer.current = setTimeout(again, NEXT_MS);
    };
    timer.current = setTimeout(again, FIRST_MS);
  };
  const end = () => clearTimeout(timer.current);
  const type = (text: string) => {
    const typed = text.trim() === "" ? null : Number(text);
    if (typed === null || (Number.isInteger(typed) && typed >= 0 && typed <= max)) onChange(typed);
  };
  return (
    <fieldset className={styles.stepper}>
      <legend className={styles.label}>{unit ? `${label} (${unit})` : label}</legend>
      <Button aria-label={t("stepper.less", { what: label })} onPressStart={() => begin(-step)} onPressEnd={end}>
        −
      </Button>
      <input
        className={styles.figure}
        inputMode="numeric"
        aria-label={label}
        value={value ?? ""}
        placeholder="–"
        onChange={(event) => type(event.target.value)}
      />
      <Button aria-label={t("stepper.more", { what: label })} onPressStart={() => begin(step)} onPressEnd={end}>
        +
      </Button>
    </fieldset>
  );
}
