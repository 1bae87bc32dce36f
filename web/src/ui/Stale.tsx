import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { useNow } from "@/live/hooks";
import { classes } from "@/ui/classes";
import styles from "@/ui/Stale.module.css";

export interface StaleProps {
  /** When the figure was counted or measured. */
  at: string | number | null | undefined;
  /** From this age on it is marked as old. */
  limit_s: number;
  /** Shows nothing while it is fresh. */
  quiet?: boolean;
}

/** The age of a figure: no figure without it. */
export function Stale({ at, limit_s, quiet }: StaleProps) {
  const { t } = useTranslation("ui");
  const format = useFormat();
  const now = useNow();
  if (at === null || at === undefined) return <span className={styles.stale}>{t("stale.unknown")}</span>;
  const age_s = Math.max(0, (now - (typeof at === "number" ? at : Date.parse(at))) / 1000);
  const old = age_s > limit_s;
  if (quiet && !old) return null;
  return (
    <span className={classes(styles.stale, old && styles.old)}>
      {old ? "⚠ " : null}
      {t("stale.ago", { age: format.duration(age_s) })}
    </span>
  );
}
