import { useTranslation } from "react-i18next";
import { clockText } from "@/i18n/format";
import { useNow } from "@/live/hooks";
import styles from "@/screens/answer/Question.module.css";

export interface Round {
  /** Seconds until the end of this round. */
  left_s: number;
  /** 1, 2 ... */
  round: number;
}

/** Where a countdown that begins again and again stands. */
export function roundOf(seconds: number, every_s: number): Round {
  const passed = Math.max(0, seconds);
  return { left_s: every_s - (passed % every_s), round: Math.floor(passed / every_s) + 1 };
}

/** Two minutes, then two minutes again: when to change over, when to look. */
export function Countdown({ since, every_s }: { since: string | null; every_s: number }) {
  const { t } = useTranslation("answer");
  const now = useNow();
  const begun = since ? Date.parse(since) : now;
  const { left_s, round } = roundOf((now - begun) / 1000, every_s);
  return (
    <span className={styles.countdown} role="timer" aria-live="off">
      <span className={styles.countdownFigure}>{clockText(Math.ceil(left_s))}</span>
      <span className={styles.small}>{t("question.round", { round })}</span>
    </span>
  );
}
