import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { put } from "@/api/client";
import { asProblem } from "@/api/problem";
import styles from "@/screens/crew/crew.module.css";
import { askForFacility } from "@/screens/crew/facility";
import { HoldButton } from "@/screens/crew/HoldButton";
import type { Known } from "@/screens/crew/known";
import { Mistake } from "@/screens/crew/Mistake";
import { reportStage, reportUnit } from "@/screens/crew/mistake";
import { Suggested } from "@/screens/crew/Suggested";
import { nextStep, otherStages, type Step } from "@/screens/crew/stages";
import { openSheet } from "@/screens/crew/views";
import { notifyProblem } from "@/shell/notices";
import { Button } from "@/ui/Button";

export async function takeUnit(unit: number, what: string): Promise<void> {
  try {
    await put(`/api/v1/control/unit/${unit}`);
  } catch (thrown) {
    notifyProblem(asProblem(thrown), what);
  }
}

function perform(step: Step, known: Known): void {
  if (!step) return;
  if ("stage" in step) reportStage(known, step.stage);
  if ("unit" in step) reportUnit(known, step.unit);
  if ("choose" in step) {
    askForFacility(known);
    openSheet("facility");
  }
}

function textOf(step: Step, t: TFunction<"crew">): string {
  if (!step) return "";
  if ("stage" in step) return t(`stage.${step.stage}`);
  if ("unit" in step) return t(`unitEvent.${step.unit}`);
  return t("facility.which");
}

/** What comes next, so large that a glove meets it; everything else behind one more press. */
export function NextStep({ known }: { known: Known }) {
  const { t } = useTranslation("crew");
  if (!known.held) {
    const text = t("drill.take", { unit: known.unit.code });
    return (
      <div className={styles.next}>
        <HoldButton huge onHeld={() => void takeUnit(known.unit.id, text)}>
          {text}
        </HoldButton>
      </div>
    );
  }
  const step = nextStep(known.unit, known.mission);
  const more = known.mission !== null && otherStages(known.mission).length > 0;
  if (!step)
    return (
      <div className={styles.next}>
        <Mistake known={known} />
      </div>
    );
  return (
    <div className={styles.next}>
      <Mistake known={known} />
      <Suggested known={known} />
      {more ? (
        <Button kind="quiet" size="large" wide onPress={() => openSheet("status")}>
          {t("status.other")}
        </Button>
      ) : null}
      <HoldButton huge key={textOf(step, t)} onHeld={() => perform(step, known)}>
        {textOf(step, t)}
      </HoldButton>
    </div>
  );
}
