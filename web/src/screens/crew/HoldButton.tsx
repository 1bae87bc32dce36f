import { type PointerEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import styles from "@/screens/crew/HoldButton.module.css";
import { classes } from "@/ui/classes";

/** So long it must be held: a brush in a pocket does nothing, a glove has time. */
export const HOLD_MS = 400;
const TOLD_FOR_MS = 2_500;

export interface HoldButtonProps {
  children: ReactNode;
  onHeld: () => void;
  /** The one button at the bottom; others are lower. */
  huge?: boolean;
  danger?: boolean;
}

/** Held with a finger, or pressed with a key or by a screen reader: those are no accident. A key that is held down presses once,
 * else it would run through all stages. */
export function HoldButton({ children, onHeld, huge, danger }: HoldButtonProps) {
  const { t } = useTranslation("crew");
  const [holding, setHolding] = useState(false);
  const [short, setShort] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const told = useRef<ReturnType<typeof setTimeout>>(undefined);
  const since_ms = useRef(0);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      clearTimeout(told.current);
    },
    [],
  );
  const stop = () => {
    clearTimeout(timer.current);
    setHolding(false);
  };
  const held = () => {
    stop();
    setShort(false);
    navigator.vibrate?.(40);
    onHeld();
  };
  const down = (event: PointerEvent) => {
    if (!event.isPrimary || event.button !== 0) return;
    setHolding(true);
    setShort(false);
    since_ms.current = event.timeStamp;
    clearTimeout(timer.current);
    timer.current = setTimeout(held, HOLD_MS);
  };
  const up = (event: PointerEvent) => {
    // The page may have been too busy to count: what counts is how long the finger was there.
    if (holding && event.timeStamp - since_ms.current >= HOLD_MS) return held();
    if (holding) {
      setShort(true);
      clearTimeout(told.current);
      told.current = setTimeout(() => setShort(false), TOLD_FOR_MS);
    }
    stop();
  };
  return (
    <button
      type="button"
      className={classes(styles.button, huge && styles.huge, danger && styles.danger, holding && styles.holding)}
      onPointerDown={down}
      onPointerUp={up}
      onPointerCancel={stop}
      onPointerLeave={stop}
      onKeyDown={(event) => event.repeat && event.preventDefault()}
      onContextMenu={(event) => event.preventDefault()}
      onClick={(event) => event.detail === 0 && held()}
    >
      <span className={styles.fill} aria-hidden="true" />
      <span className={styles.text}>{children}</span>
      <span className={styles.hint} aria-live="polite">
        {short ? t("hold.longer") : huge ? t("hold.hint") : ""}
      </span>
    </button>
  );
}
