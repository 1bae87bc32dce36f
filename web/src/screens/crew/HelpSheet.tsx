import { type NeedSetLabel, needSetValues } from "@schema";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useLabel } from "@/i18n/labels";
import { act } from "@/screens/crew/acts";
import { Chips, toggled } from "@/screens/crew/Chips";
import styles from "@/screens/crew/crew.module.css";
import { PROBLEMS } from "@/screens/crew/facility";
import { HoldButton } from "@/screens/crew/HoldButton";
import type { Known } from "@/screens/crew/known";
import { Stepper } from "@/screens/crew/Stepper";
import { closeSheet } from "@/screens/crew/views";
import { notify } from "@/shell/notices";

/** What another unit can bring. */
const BRINGS = needSetValues.filter((need) => !PROBLEMS.includes(need));
const MORE_MAX = 20;

export function HelpSheet({ known }: { known: Known }) {
  const { t } = useTranslation("crew");
  const label = useLabel();
  const [more, setMore] = useState(1);
  const [needs, setNeeds] = useState<NeedSetLabel[]>([]);
  const { incident } = known;
  if (!incident) return null;
  const ask = () => {
    act("units_request", { incident: incident.id, more, needs });
    notify({ tone: "ok", text: t("help.asked", { count: more }) });
    closeSheet();
  };
  return (
    <div className={styles.stack}>
      <Stepper
        label={t("help.more")}
        value={more}
        onChange={(value) => setMore(Math.max(1, value ?? 1))}
        min={1}
        max={MORE_MAX}
        step={1}
        start={1}
      />
      <Chips
        label={t("help.why")}
        choices={BRINGS.map((value) => ({ value, text: label("need_set", value) }))}
        chosen={needs}
        onToggle={(need) => setNeeds(toggled(needs, need))}
      />
      <HoldButton huge onHeld={ask}>
        {t("help.ask", { count: more })}
      </HoldButton>
      <p className={styles.note}>{t("help.note", { now: incident.units_assigned, wanted: incident.units_wanted })}</p>
    </div>
  );
}
