import { type KeyboardEvent, type PointerEvent, useRef } from "react";
import styles from "@/screens/dispatch/Splitter.module.css";

const LEAST = 20;
const MOST = 75;
const STEP = 5;

export interface SplitterProps {
  label: string;
  /** Per cent of the parent's height that is above. */
  value: number;
  onChange: (value: number) => void;
}

/** Moves the border between two parts, by pointer or arrow keys. */
export function Splitter({ label, value, onChange }: SplitterProps) {
  const bar = useRef<HTMLDivElement>(null);
  const set = (wanted: number) => onChange(Math.min(MOST, Math.max(LEAST, Math.round(wanted))));
  const drag = (event: PointerEvent) => {
    const box = bar.current?.parentElement?.getBoundingClientRect();
    if (!box || !bar.current?.hasPointerCapture(event.pointerId)) return;
    set(((event.clientY - box.top) / box.height) * 100);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowUp: -STEP, ArrowDown: STEP }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    set(value + by);
  };
  return (
    <div
      ref={bar}
      className={styles.splitter}
      role="separator"
      aria-orientation="horizontal"
      aria-label={label}
      aria-valuenow={value}
      aria-valuemin={LEAST}
      aria-valuemax={MOST}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={drag}
    />
  );
}
