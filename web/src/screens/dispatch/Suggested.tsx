import type { Mission, Unit } from "@schema";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { useEntity } from "@/live/hooks";
import { useSuggestion } from "@/live/suggestion";
import styles from "@/screens/dispatch/Missions.module.css";
import { useAct } from "@/shell/useAct";
import { Button } from "@/ui/Button";

function Told({ unit, mission }: { unit: Unit; mission: Mission }) {
  const { t } = useTranslation("dispatch");
  const format = useFormat();
  const { send, pending } = useAct();
  const suggestion = useSuggestion({ unit, mission });
  if (!suggestion) return null;
  const { what, at_ms } = suggestion;
  const time = format.timeSeconds(at_ms);
  const press = t("suggested.report", { unit: unit.code, time });
  const report = () => {
    if (what === "near_scene" || what === "reach_post") return;
    const occurred_at = new Date(at_ms).toISOString();
    void send("mission_report", { mission: mission.id, stage: what, occurred_at }, press);
  };
  return (
    <p className={styles.suggested} role="status">
      <span>{t(`suggested.${what}`, { time })}</span>
      {what === "near_scene" ? null : (
        <Button size="small" isDisabled={pending} onPress={report}>
          {press}
        </Button>
      )}
    </p>
  );
}

/** What the unit's positions say that its crew has not pressed: a dispatcher may report it for the crew, with its own time. */
export function Suggested({ mission }: { mission: Mission }) {
  const unit = useEntity("units", mission.unit);
  return unit ? <Told unit={unit} mission={mission} /> : null;
}
