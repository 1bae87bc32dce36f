import { useTranslation } from "react-i18next";
import { clockText, NOTHING } from "@/i18n/format";
import { useNow } from "@/live/hooks";
import { classes } from "@/ui/classes";
import styles from "@/ui/Elapsed.module.css";

export interface ElapsedProps {
  /** When it began (or, with `down`, when it will be). */
  since: string | number | null | undefined;
  /** When it ended: the clock then stands. */
  until?: string | number | null;
  /** What it is measured against. */
  target_s?: number | null;
  /** From when on it is called near: a share of the target. */
  near?: number;
  /** Counts down to `since` instead. */
  down?: boolean;
  large?: boolean;
  /** Leaves the target's figure out; its colours and words stay. */
  bare?: boolean;
}

function instantOf(value: string | number | null | undefined): number | null {
  if (value === null || value === undefined) return null;
  const ms = typeof value === "number" ? value : Date.parse(value);
  return Number.isNaN(ms) ? null : ms;
}

type Judgement = "within" | "near" | "over";

export function judge(seconds: number, target_s: number | null | undefined, near: number): Judgement {
  if (target_s === null || target_s === undefined) return "within";
  if (seconds > target_s) return "over";
  return seconds >= target_s * near ? "near" : "within";
}

/** A clock against its target, once a second: 4:31 / 8:00. Beyond the target a "!" stands before it. */
export function Elapsed({ since, until, target_s, near = 0.75, down, large, bare }: ElapsedProps) {
  const { t } = useTranslation("ui");
  const now = useNow();
  const begin = instantOf(since);
  if (begin === null) return <span className={styles.clock}>{NOTHING}</span>;
  const end = instantOf(until) ?? now;
  const seconds = Math.floor((down ? begin - end : end - begin) / 1000);
  const judgement = down ? (seconds < 0 ? "over" : "within") : judge(seconds, target_s, near);
  const named = classes(styles.clock, large && styles.large, judgement !== "within" && styles[judgement]);
  return (
    <span className={named} role="timer" aria-live="off">
      {judgement === "over" ? <span title={t("elapsed.over")}>!</span> : null}
      {clockText(down ? seconds : Math.max(0, seconds))}
      {target_s && !bare ? <span className={styles.target}>/ {clockText(target_s)}</span> : null}
    </span>
  );
}
