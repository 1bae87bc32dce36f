import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { type Suggestion, useSuggestion } from "@/live/suggestion";
import styles from "@/screens/crew/crew.module.css";
import type { Known } from "@/screens/crew/known";
import { reportStage, reportUnit } from "@/screens/crew/mistake";
import { nextStep, otherStages, type Stage } from "@/screens/crew/stages";
import { Button } from "@/ui/Button";

/** Whether the phone would let it be pressed now: a scene is not left before the facility is chosen. */
function canReport({ unit, mission }: Known, what: Suggestion["what"]): boolean {
  if (what === "near_scene") return false;
  if (what === "reach_post") return true;
  const next = nextStep(unit, mission);
  const isNext = next !== null && "stage" in next && next.stage === what;
  return isNext || (mission !== null && otherStages(mission).includes(what));
}

function accept(known: Known, { what, at_ms }: Suggestion): void {
  if (what === "reach_post") reportUnit(known, what, at_ms);
  else if (what !== "near_scene") reportStage(known, what satisfies Stage, at_ms);
}

/** What the vehicle's positions say that has not been pressed; one touch reports it with its own time. */
export function Suggested({ known }: { known: Known }) {
  const { t } = useTranslation("crew");
  const format = useFormat();
  const suggestion = useSuggestion(known);
  if (!suggestion || !known.held) return null;
  const time = format.timeSeconds(suggestion.at_ms);
  return (
    <div className={styles.mistake}>
      <p role="status">{t(`suggested.${suggestion.what}`, { time })}</p>
      {canReport(known, suggestion.what) ? (
        <Button size="large" onPress={() => accept(known, suggestion)}>
          {t("suggested.report", { time })}
        </Button>
      ) : null}
    </div>
  );
}
