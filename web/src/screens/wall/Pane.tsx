import { type ReactNode, useId } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { clockSpeed } from "@/live/clock";
import { useNow } from "@/live/hooks";
import styles from "@/screens/wall/Wall.module.css";
import { classes } from "@/ui";

/** How old a figure that was asked for is; beyond the limit (of this machine's time: a drill runs faster) it is marked. */
export function Age({ at_ms, limit_s, failed }: { at_ms: number | null; limit_s: number; failed: boolean }) {
  const { t } = useTranslation("wall");
  const format = useFormat();
  const now = useNow();
  if (at_ms === null) return <span className={styles.age}>{failed ? `⚠ ${t("age.failed")}` : t("age.waiting")}</span>;
  const age_s = Math.max(0, (now - at_ms) / 1000);
  const old = failed || age_s > limit_s * clockSpeed();
  return (
    <span className={classes(styles.age, old && styles.old)}>
      {old ? "⚠ " : null}
      {t("age.ago", { age: format.duration(age_s) })}
    </span>
  );
}

export interface PaneProps {
  title: string;
  /** At the right of the head: an age, a sum. */
  aside?: ReactNode;
  children: ReactNode;
  area: string;
  bare?: boolean;
}

export function Pane({ title, aside, children, area, bare }: PaneProps) {
  const id = useId();
  return (
    <section className={styles.pane} data-area={area} aria-labelledby={id}>
      <header className={styles.head}>
        <h2 id={id}>{title}</h2>
        {aside}
      </header>
      <div className={classes(styles.body, bare && styles.bare)}>{children}</div>
    </section>
  );
}
