// A date, or a date and a time, in the order and words of the console's language; the browser's own field follows the browser's.
import { parseDate, parseDateTime } from "@internationalized/date";
import { type ReactNode, useMemo, useRef, useState } from "react";
import { DateField as AriaDateField, DateInput, DateSegment, type DateValue } from "react-aria-components/DateField";
import { FieldError } from "react-aria-components/FieldError";
import { Label } from "react-aria-components/Label";
import { Text } from "react-aria-components/Text";
import styles from "@/ui/DateField.module.css";

export interface DateFieldProps {
  label: ReactNode;
  /** "2026-11-22", or with a time "2026-11-22T08:30"; anything else is an empty field. */
  value: string;
  /** Told when the date is whole, or the field was emptied (""). */
  onChange: (text: string) => void;
  withTime?: boolean;
  help?: ReactNode;
  /** Why what was entered is not right. */
  error?: ReactNode;
  isDisabled?: boolean;
  onBlur?: () => void;
}

/** A year of fewer digits is one that is being typed. */
const FIRST_YEAR = 1000;
const DAY_LENGTH = "2026-11-22".length;
const MINUTE_LENGTH = "2026-11-22T08:30".length;

function dateOf(text: string, withTime: boolean): DateValue | null {
  try {
    return withTime ? parseDateTime(text) : parseDate(text.slice(0, DAY_LENGTH));
  } catch {
    return null;
  }
}

/** What stands in the field, which may be a year half typed, beside what has been told. */
function useTyped(value: string, onChange: (text: string) => void, withTime: boolean) {
  const [held, setHeld] = useState({ value, typed: value });
  if (held.value !== value) setHeld({ value, typed: value });
  const typed = held.value === value ? held.typed : value;
  const date = useMemo(() => dateOf(typed, withTime), [typed, withTime]);
  const change = (next: DateValue | null) => {
    const text = next?.toString().slice(0, withTime ? MINUTE_LENGTH : DAY_LENGTH) ?? "";
    setHeld({ value, typed: text });
    if (!next || next.year >= FIRST_YEAR) onChange(text);
  };
  return { date, change, forget: () => setHeld({ value, typed: value }) };
}

export function DateField({ label, value, onChange, withTime = false, help, error, onBlur, ...rest }: DateFieldProps) {
  const { date, change, forget } = useTyped(value, onChange, withTime);
  const [round, setRound] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  // What is left half entered goes: the field shows what holds.
  const leave = () => {
    forget();
    if (box.current?.querySelector("[data-placeholder]")) setRound(round + 1);
    onBlur?.();
  };
  return (
    <AriaDateField
      {...rest}
      key={round}
      ref={box}
      className={styles.field}
      value={date}
      onChange={change}
      onBlur={leave}
      granularity={withTime ? "minute" : "day"}
      hourCycle={24}
      shouldForceLeadingZeros
      isInvalid={Boolean(error)}
    >
      <Label className={styles.label}>{label}</Label>
      <DateInput className={styles.input}>
        {(segment) => <DateSegment segment={segment} className={styles.segment} />}
      </DateInput>
      {help ? (
        <Text slot="description" className={styles.help}>
          {help}
        </Text>
      ) : null}
      <FieldError className={styles.error}>{error}</FieldError>
    </AriaDateField>
  );
}
