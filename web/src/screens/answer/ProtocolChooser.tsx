import type { ProtocolSummary } from "@schema";
import { type KeyboardEvent, type RefObject, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import styles from "@/screens/answer/Chooser.module.css";
import { findProtocols, matchedWord } from "@/screens/answer/findProtocol";
import { useScript } from "@/screens/answer/script";
import { useKeys } from "@/shell/keys";
import { classes } from "@/ui";

export interface ProtocolChooserProps {
  items: readonly ProtocolSummary[];
  onChoose: (protocol: ProtocolSummary, pressed_ms: number) => void;
  /** 0 in the empty field: as everywhere. */
  onNotAwake: (pressed_ms: number) => void;
  fieldRef: RefObject<HTMLInputElement | null>;
  /** Away from it, where a question stands already. */
  onLeave?: () => void;
}

/** By its key, or by what the caller says; arrows and Enter choose. */
export function ProtocolChooser({ items, onChoose, onNotAwake, fieldRef, onLeave }: ProtocolChooserProps) {
  const { t } = useTranslation("answer");
  const { own } = useScript();
  const id = useId();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const found = findProtocols(items, text);
  const current = Math.min(at, found.length - 1);
  useKeys(
    t("chooser.keys"),
    items.map((item) => ({ keys: item.key, text: item.title[own], run: (pressed_ms) => onChoose(item, pressed_ms) })),
  );
  const onKeyDown = (event: KeyboardEvent) => {
    const columns = list.current ? getComputedStyle(list.current).gridTemplateColumns.split(" ").length : 1;
    const steps: Record<string, number> = {
      ArrowDown: current + columns,
      ArrowUp: current - columns,
      ...(text === "" ? { ArrowRight: current + 1, ArrowLeft: current - 1 } : {}),
    };
    const to = steps[event.key];
    const protocol = found[current];
    if (to !== undefined) {
      event.preventDefault();
      setAt(Math.max(0, Math.min(to, found.length - 1)));
    } else if (event.key === "Enter" && !event.nativeEvent.isComposing && text.trim() !== "" && protocol) {
      event.preventDefault();
      onChoose(protocol, event.timeStamp);
    } else if (event.key === "0" && text === "") {
      event.preventDefault();
      onNotAwake(event.timeStamp);
    } else if (event.key === "Escape") {
      event.preventDefault();
      if (text === "") {
        fieldRef.current?.blur();
        onLeave?.();
      }
      setText("");
    }
  };
  return (
    <div className={styles.chooser}>
      <input
        ref={fieldRef}
        className={styles.field}
        role="combobox"
        aria-label={t("chooser.search")}
        aria-expanded="true"
        aria-controls={id}
        aria-activedescendant={text !== "" && found[current] ? `${id}-${found[current].number}` : undefined}
        placeholder={t("chooser.placeholder")}
        value={text}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div ref={list} id={id} role="listbox" aria-label={t("chooser.list")} className={styles.list}>
        {found.map((item, index) => (
          <div
            key={item.number}
            id={`${id}-${item.number}`}
            role="option"
            tabIndex={-1}
            aria-selected={text !== "" && index === current}
            className={classes(styles.item, text !== "" && index === current && styles.chosen)}
            onMouseDown={(event) => {
              event.preventDefault();
              onChoose(item, event.timeStamp);
            }}
          >
            <span className={styles.key} aria-hidden="true">
              {item.key.toUpperCase()}
            </span>
            <span className={styles.title}>{item.title[own]}</span>
            <span className={styles.word}>{matchedWord(item, text, own)}</span>
          </div>
        ))}
      </div>
      {found.length === 0 ? <p className={styles.none}>{t("chooser.none")}</p> : null}
    </div>
  );
}
