import type { ReactNode } from "react";
import styles from "@/ui/Badge.module.css";
import { classes } from "@/ui/classes";

export type Tone = "plain" | "accent" | "ok" | "warn" | "bad";

/** A word in a small frame. The word says it; the tone only helps. */
export function Badge({ children, tone = "plain" }: { children: ReactNode; tone?: Tone }) {
  return <span className={classes(styles.badge, tone !== "plain" && styles[tone])}>{children}</span>;
}
