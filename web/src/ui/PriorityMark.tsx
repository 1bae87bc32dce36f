import { type Priority, priorityValues } from "@schema";
import type { ReactNode } from "react";
import { useLabel } from "@/i18n/labels";
import { classes } from "@/ui/classes";
import styles from "@/ui/PriorityMark.module.css";

// Shape, figure and colour tell the same three times: diamond 1, triangle 2, circle 3, square 4.
const SHAPES: Record<Priority, ReactNode> = {
  critical: <path d="M10 0 20 10 10 20 0 10Z" fill="currentColor" />,
  severe: <path d="M10 1 20 19H0Z" fill="currentColor" />,
  urgent: <circle cx="10" cy="10" r="9.5" fill="currentColor" />,
  non_urgent: <rect x="1" y="1" width="18" height="18" rx="3" fill="currentColor" />,
};
const BASELINE: Record<Priority, number> = { critical: 13.6, severe: 16.4, urgent: 13.6, non_urgent: 13.6 };

export interface PriorityMarkProps {
  priority: Priority;
  /** Without its word, for dense rows; the word is still read aloud. */
  short?: boolean;
  large?: boolean;
}

export function PriorityMark({ priority, short, large }: PriorityMarkProps) {
  const word = useLabel()("priority", priority);
  return (
    <span className={classes(styles.mark, styles[priority], large && styles.large)} title={short ? word : undefined}>
      <svg className={styles.shape} viewBox="0 0 20 20" aria-hidden="true">
        {SHAPES[priority]}
        <text className={styles.figure} x="10" y={BASELINE[priority]}>
          {priorityValues.indexOf(priority) + 1}
        </text>
      </svg>
      <span className={short ? "visually-hidden" : undefined}>{word}</span>
    </span>
  );
}
