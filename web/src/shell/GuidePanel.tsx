import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { sessionStore } from "@/api/session";
import styles from "@/shell/GuidePanel.module.css";
import { guideStore, setGuideDismissed } from "@/shell/guide";
import { Button } from "@/ui/Button";
import { classes } from "@/ui/classes";

/** The coach of newcomers to a drill: what to do next, and what is done. */
export function GuidePanel() {
  const { t } = useTranslation("shell");
  const { title, steps, dismissed } = useStore(guideStore);
  const drill = useStore(sessionStore, (session) => session.drill);
  if (!drill || dismissed || steps.length === 0) return null;
  const next = steps.find((step) => !step.done);
  return (
    <aside className={styles.panel} aria-label={t("guide.label")}>
      <div className={styles.head}>
        <h2>{title}</h2>
        <Button kind="quiet" size="small" onPress={() => setGuideDismissed(true)}>
          {t("guide.dismiss")}
        </Button>
      </div>
      <ol aria-live="polite">
        {steps.map((step, index) => (
          <li key={step.id} className={classes(styles.step, step === next && styles.next)}>
            <span className={classes(styles.number, step.done && styles.done)} aria-hidden="true">
              {step.done ? "✓" : index + 1}
            </span>
            <span>
              {step.text}
              {step.done ? <span className="visually-hidden"> {t("guide.done")}</span> : null}
            </span>
          </li>
        ))}
      </ol>
    </aside>
  );
}
