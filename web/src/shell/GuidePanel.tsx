import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { sessionStore } from "@/api/session";
import { useFirstCall } from "@/shell/firstCall";
import styles from "@/shell/GuidePanel.module.css";
import { type GuideStep, guideStore, setGuideDismissed } from "@/shell/guide";
import { Button } from "@/ui/Button";
import { classes } from "@/ui/classes";

function Step({ step, number, next }: { step: GuideStep; number: number; next: boolean }) {
  const { t } = useTranslation("shell");
  return (
    <li className={classes(styles.step, next && styles.next)}>
      <span className={classes(styles.number, step.done && styles.done)} aria-hidden="true">
        {step.done ? "✓" : number}
      </span>
      <span>
        {step.text}
        {step.done ? <span className="visually-hidden"> {t("guide.done")}</span> : null}
      </span>
    </li>
  );
}

/** The coach of newcomers to a drill: what to do next. What is done and what comes later is one press away, for it hides work. */
export function GuidePanel() {
  const { t } = useTranslation("shell");
  const story = useFirstCall();
  const { dismissed, ...own } = useStore(guideStore);
  const { title, steps } = story ?? own;
  const drill = useStore(sessionStore, (session) => session.drill);
  const [all, setAll] = useState(false);
  if (!drill || dismissed || steps.length === 0) return null;
  const next = steps.findIndex((step) => !step.done);
  const shown = steps.map((step, index) => ({ step, index })).filter(({ index }) => all || index === next);
  const done = steps.filter((step) => step.done).length;
  return (
    <aside className={classes(styles.panel, story && styles.story)} aria-label={t("guide.label")}>
      <div className={styles.head}>
        <h2>{title}</h2>
        <span className={styles.count}>
          {done}/{steps.length}
        </span>
      </div>
      <ol aria-live="polite">
        {shown.map(({ step, index }) => (
          <Step key={step.id} step={step} number={index + 1} next={index === next} />
        ))}
        {next < 0 && !all ? <li className={styles.next}>{story?.over ?? t("guide.over")}</li> : null}
      </ol>
      <div className={styles.foot}>
        <Button kind="quiet" size="small" onPress={() => setAll(!all)} aria-expanded={all}>
          {all ? t("guide.fewer") : t("guide.all")}
        </Button>
        <Button kind="quiet" size="small" onPress={() => setGuideDismissed(true)}>
          {t("guide.dismiss")}
        </Button>
      </div>
    </aside>
  );
}
