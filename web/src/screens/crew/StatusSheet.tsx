import { useTranslation } from "react-i18next";
import styles from "@/screens/crew/crew.module.css";
import { HoldButton } from "@/screens/crew/HoldButton";
import type { Known } from "@/screens/crew/known";
import { reportStage, reportUnit } from "@/screens/crew/mistake";
import { otherStages } from "@/screens/crew/stages";
import { closeSheet } from "@/screens/crew/views";

/** Every other stage that can be reported now. */
export function StatusSheet({ known }: { known: Known }) {
  const { t } = useTranslation("crew");
  const { mission } = known;
  if (!mission) return null;
  const report = (send: () => void) => () => {
    send();
    closeSheet();
  };
  return (
    <div className={styles.stack}>
      <p className={styles.note}>{t("status.note")}</p>
      {otherStages(mission).map((stage) => (
        <HoldButton key={stage} danger={stage === "end"} onHeld={report(() => reportStage(known, stage))}>
          {stage === "end" && mission.state !== "handed_over" ? t("status.endHere") : t(`stage.${stage}`)}
        </HoldButton>
      ))}
      <HoldButton danger onHeld={report(() => reportUnit(known, "break_down"))}>
        {t("unitEvent.break_down")}
      </HoldButton>
    </div>
  );
}
