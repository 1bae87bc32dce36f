import { type KeyboardEvent, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { useLabel } from "@/i18n/labels";
import styles from "@/screens/dispatch/line/CommandLine.module.css";
import { completeLine } from "@/screens/dispatch/line/complete";
import { useLineHistory } from "@/screens/dispatch/line/history";
import { LineTrouble } from "@/screens/dispatch/line/LineTrouble";
import { type Parsed, parseLine, type Wish } from "@/screens/dispatch/line/parse";
import { worldNow } from "@/screens/dispatch/line/worldNow";
import { beginLine, dispatchStore } from "@/screens/dispatch/store";
import { useDraft } from "@/shell/drafts";
import { useKeys } from "@/shell/keys";
import { KeyHint } from "@/ui/KeyHint";

const OFFERED_MAX = 10;

export interface CommandLineProps {
  selected: number | null;
  /** True: done. False: refused, and told elsewhere. */
  onWish: (wish: Wish) => Promise<boolean>;
}

/** What the whole screen can do, typed. */
export function CommandLine({ selected, onWish }: CommandLineProps) {
  const { t } = useTranslation("dispatch");
  const label = useLabel();
  const [text, setText] = useDraft("dispatch.line", "");
  const [focused, setFocused] = useState(false);
  const [trouble, setTrouble] = useState<Extract<Parsed, { spec: unknown }> | null>(null);
  // Tab goes on from what was typed, not from what it has just put there.
  const [tabbed, setTabbed] = useState<{ line: string; index: number } | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const before = useRef<HTMLElement | null>(null);
  const toEnd = useRef(false);
  const history = useLineHistory();
  const asked = useStore(dispatchStore, (store) => store.line);

  const write = (line: string) => {
    setText(line);
    setTrouble(null);
    setTabbed(null);
  };
  // Before the next key is heard: a line that follows at once is typed into the field, and behind what stands there.
  // biome-ignore lint/correctness/useExhaustiveDependencies: each count is one wish to begin a line
  useLayoutEffect(() => {
    if (asked.count === 0) return;
    const element = document.activeElement;
    if (element !== input.current)
      before.current = element instanceof HTMLElement && element !== document.body ? element : null;
    write(asked.text);
    toEnd.current = true;
    input.current?.focus();
  }, [asked.count]);
  useLayoutEffect(() => {
    if (!toEnd.current || text !== asked.text) return;
    toEnd.current = false;
    input.current?.setSelectionRange(text.length, text.length);
  });
  useKeys(t("keys.line"), [
    { keys: ":", text: t("keys.openLine"), run: () => beginLine("") },
    { keys: "：", text: t("keys.openLine"), run: () => beginLine("") },
    { keys: "/", text: t("keys.openLine"), run: () => beginLine("") },
  ]);

  const leave = () => {
    const back = before.current?.isConnected ? before.current : document.querySelector<HTMLElement>("[role=listbox]");
    input.current?.blur();
    back?.focus();
    setTrouble(null);
  };
  const carryOut = async () => {
    const parsed = parseLine(text, worldNow(selected, label));
    if (parsed.problem) {
      setTrouble(parsed);
      return;
    }
    history.add(text.trim());
    write("");
    leave();
    await onWish(parsed.wish);
  };
  const typed = tabbed?.line ?? text;
  const completion = focused ? completeLine(typed, worldNow(selected, label)) : null;
  const options = completion?.options ?? [];
  const complete = (by: number) => {
    if (!completion || options.length === 0) return;
    const index =
      tabbed === null ? (by > 0 ? 0 : options.length - 1) : (tabbed.index + by + options.length) % options.length;
    setTabbed({ line: typed, index });
    setText(`${typed.slice(0, completion.start)}${options[index]}${options.length === 1 ? " " : ""}`);
    if (options.length === 1) setTabbed(null);
  };
  const actOf = ({ key, shiftKey }: KeyboardEvent): (() => void) | null => {
    if (key === "Enter") return () => void carryOut();
    if (key === "Escape") return leave;
    if (key === "ArrowUp") return () => write(history.step(-1, text) ?? text);
    if (key === "ArrowDown") return () => write(history.step(1, text) ?? text);
    // Tab leaves an empty line as it leaves any field.
    return key === "Tab" && text !== "" && options.length > 0 ? () => complete(shiftKey ? -1 : 1) : null;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const act = actOf(event);
    if (!act) return;
    event.preventDefault();
    act();
  };
  return (
    <div className={styles.line}>
      {trouble ? <LineTrouble trouble={trouble} /> : null}
      {!trouble && focused && options.length > 0 ? (
        <p className={styles.options} aria-live="polite">
          {options.slice(0, OFFERED_MAX).map((option, index) => (
            <span key={option} className={styles.option} data-at={tabbed?.index === index || undefined}>
              {option}
            </span>
          ))}
          {options.length > OFFERED_MAX ? <span>{t("line.more", { count: options.length - OFFERED_MAX })}</span> : null}
        </p>
      ) : null}
      <label className={styles.box}>
        <KeyHint keys=":" />
        <span className="visually-hidden">{t("line.label")}</span>
        <input
          ref={input}
          value={text}
          placeholder={t("line.placeholder")}
          autoComplete="off"
          spellCheck={false}
          aria-invalid={trouble !== null}
          onChange={(event) => write(event.target.value)}
          onKeyDown={onKeyDown}
          onFocus={() => setFocused(true)}
          onBlur={() => setFocused(false)}
        />
      </label>
    </div>
  );
}
