import { type KeyboardEvent, useId, useState } from "react";
import styles from "@/screens/admin/parts/SearchPick.module.css";
import { classes } from "@/ui";
import fieldStyles from "@/ui/Field.module.css";

export interface PickOption {
  id: string;
  text: string;
  detail?: string;
}

export interface SearchPickProps {
  label: string;
  /** What is chosen, in words; empty: nothing yet. */
  chosen: string;
  query: string;
  onQuery: (query: string) => void;
  options: readonly PickOption[];
  onPick: (id: string) => void;
  /** Instead of options, while there are none. */
  none: string;
  placeholder?: string;
  help?: string;
  error?: string;
  onBlur?: () => void;
}

/** One of many, found by typing a part of it. Arrows move, Enter takes. */
export function SearchPick(props: SearchPickProps) {
  const { label, chosen, query, onQuery, options, onPick, none, placeholder, help, error, onBlur } = props;
  const id = useId();
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(0);
  const current = Math.min(at, options.length - 1);
  const close = () => {
    setOpen(false);
    setAt(0);
    onQuery("");
  };
  const pick = (option: PickOption | undefined) => {
    if (!option) return;
    onPick(option.id);
    close();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      setAt(open ? Math.max(0, Math.min(current + (event.key === "ArrowDown" ? 1 : -1), options.length - 1)) : 0);
      setOpen(true);
    } else if (event.key === "Enter" && open) pick(options[current]);
    else if (event.key === "Escape" && open) close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div className={styles.pick}>
      <label className={fieldStyles.label} htmlFor={`${id}-input`}>
        {label}
      </label>
      <input
        id={`${id}-input`}
        className={classes(styles.input, error && styles.wrong)}
        role="combobox"
        aria-expanded={open}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={open && options.length > 0 ? `${id}-${current}` : undefined}
        aria-invalid={error ? true : undefined}
        aria-describedby={`${id}-about`}
        value={open ? query : chosen}
        placeholder={open && chosen ? chosen : placeholder}
        autoComplete="off"
        spellCheck={false}
        onFocus={(event) => event.target.select()}
        onClick={() => setOpen(true)}
        onChange={(event) => {
          setOpen(true);
          setAt(0);
          onQuery(event.target.value);
        }}
        onKeyDown={onKeyDown}
        onBlur={() => {
          close();
          onBlur?.();
        }}
      />
      <div id={`${id}-about`} className={error ? fieldStyles.error : fieldStyles.help}>
        {error ?? help}
      </div>
      {open ? (
        <div className={styles.list} id={`${id}-list`} role="listbox" aria-label={label}>
          {options.map((option, index) => (
            <div
              key={option.id}
              id={`${id}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === current}
              className={classes(styles.option, index === current && styles.current)}
              onMouseDown={(event) => {
                event.preventDefault();
                pick(option);
              }}
            >
              <span>{option.text}</span>
              {option.detail ? <span className={styles.detail}>{option.detail}</span> : null}
            </div>
          ))}
          {options.length === 0 ? <p className={styles.none}>{none}</p> : null}
        </div>
      ) : null}
    </div>
  );
}
