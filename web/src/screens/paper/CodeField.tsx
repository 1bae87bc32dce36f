import { type KeyboardEvent, useId, useState } from "react";
import { codeKey } from "@/screens/paper/check";
import { useEntryHere } from "@/screens/paper/context";
import styles from "@/screens/paper/Paper.module.css";
import { useFaultText } from "@/screens/paper/useFaultText";
import { classes } from "@/ui";

export interface Coded {
  id: number;
  code: string;
  name: string;
}

const SHOWN_MAX = 8;

/** Those that begin so come first, then those with it in the name. */
export function codesFor(all: readonly Coded[], text: string): readonly Coded[] {
  const wanted = codeKey(text);
  if (wanted === "") return [];
  const rank = ({ code, name }: Coded) =>
    codeKey(code) === wanted ? 0 : codeKey(code).startsWith(wanted) ? 1 : name.toLowerCase().includes(wanted) ? 2 : 3;
  const found = all.filter((one) => rank(one) < 3);
  return found
    .sort((one, other) => rank(one) - rank(other) || one.code.localeCompare(other.code, "en", { numeric: true }))
    .slice(0, SHOWN_MAX);
}

/** What stands for text when one goes on without having chosen: the only one that fits, but never 130 for 13. */
export function codeMeant(all: readonly Coded[], text: string): Coded | undefined {
  const wanted = codeKey(text);
  const exact = all.find((one) => codeKey(one.code) === wanted);
  const [only, other] = codesFor(all, text);
  if (exact || !only || other) return exact;
  return /\d$/.test(wanted) && /^\d/.test(codeKey(only.code).slice(wanted.length)) ? undefined : only;
}

export interface CodeFieldProps {
  id: string;
  label: string;
  all: readonly Coded[];
  value: string;
  onChange: (value: string) => void;
}

/** A unit or a facility by its code, or by a part of its name: what is typed is completed from the list below. */
export function CodeField({ id, label, all, value, onChange }: CodeFieldProps) {
  const entry = useEntryHere();
  const own = useId();
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState<number | null>(null);
  const error = useFaultText(entry)(id);
  const found = open ? codesFor(all, value) : [];
  const exact = all.find((one) => codeKey(one.code) === codeKey(value));
  const take = (one: Coded | undefined) => {
    if (one) onChange(one.code);
    setOpen(false);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0 && found.length > 0) {
      event.preventDefault();
      setAt(at === null ? (step > 0 ? 0 : found.length - 1) : (at + step + found.length) % found.length);
    } else if (event.key === "Enter" || event.key === "Tab") {
      // Goes on all the same: what is no code is told then.
      take(at === null ? codeMeant(all, value) : found[at]);
    } else if (event.key === "Escape" && found.length > 0) {
      event.preventDefault();
      setOpen(false);
    }
  };
  return (
    <div className={styles.code} data-field={id}>
      <input
        className={styles.input}
        role="combobox"
        aria-label={label}
        aria-expanded={found.length > 0}
        aria-controls={`${own}-list`}
        aria-autocomplete="list"
        aria-activedescendant={found.length > 0 && at !== null ? `${own}-${at}` : undefined}
        aria-invalid={Boolean(error)}
        aria-describedby={`${own}-note`}
        value={value}
        autoComplete="off"
        spellCheck={false}
        maxLength={60}
        onChange={(event) => {
          setAt(null);
          setOpen(true);
          onChange(event.target.value);
        }}
        onKeyDown={onKeyDown}
        onBlur={() => {
          setOpen(false);
          entry.leave(id);
        }}
      />
      <p className={error ? styles.error : styles.help} id={`${own}-note`}>
        {error ?? (exact && exact.name !== exact.code ? exact.name : "")}
      </p>
      {found.length > 0 ? (
        <div className={styles.list} id={`${own}-list`} role="listbox" aria-label={label}>
          {found.map((one, index) => (
            <div
              key={one.id}
              id={`${own}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === at}
              className={classes(styles.option, index === at && styles.chosen)}
              onMouseDown={(event) => {
                event.preventDefault();
                take(one);
              }}
            >
              <b>{one.code}</b> <span>{one.name === one.code ? "" : one.name}</span>
            </div>
          ))}
        </div>
      ) : null}
    </div>
  );
}
