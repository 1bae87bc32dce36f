import { type NeedSetLabel, needSetValues, type Priority, priorityValues } from "@schema";
import { useTranslation } from "react-i18next";
import { useLabel } from "@/i18n/labels";
import type { ByHand, Decision } from "@/screens/answer/decision";
import styles from "@/screens/answer/Triage.module.css";
import { Button, Checkbox, classes, PriorityMark } from "@/ui";

export interface ByHandFormProps {
  decision: Decision;
  hand: ByHand;
  onChange: (hand: ByHand) => void;
}

/** The four priorities as buttons; the chosen one is pressed. */
export function PriorityChoice({ value, onChoose }: { value: Priority | null; onChoose: (value: Priority) => void }) {
  const { t } = useTranslation("answer");
  return (
    <div className={styles.priorities} role="group" aria-label={t("hand.priority")}>
      {priorityValues.map((priority) => (
        <button
          key={priority}
          type="button"
          className={classes(styles.priority, priority === value && styles.pressed)}
          aria-pressed={priority === value}
          onClick={() => onChoose(priority)}
        >
          <PriorityMark priority={priority} />
        </button>
      ))}
    </div>
  );
}

/** Priority, needs and units decided by a person: without protocols, or against what they propose. */
export function ByHandForm({ decision, hand, onChange }: ByHandFormProps) {
  const { t } = useTranslation("answer");
  const label = useLabel();
  const toggle = (need: NeedSetLabel, on: boolean) => {
    const others = decision.needs.filter((one) => one !== need);
    onChange({ ...hand, needs: on ? [...others, need] : others });
  };
  const units = decision.units_wanted;
  return (
    <div className={styles.hand}>
      <PriorityChoice value={hand.priority} onChoose={(priority) => onChange({ ...hand, priority })} />
      <div className={styles.units}>
        <span>{t("hand.units")}</span>
        <Button
          size="small"
          icon
          aria-label={t("hand.fewer")}
          isDisabled={units <= 1}
          onPress={() => onChange({ ...hand, units: units - 1 })}
        >
          −
        </Button>
        <output className={styles.figure}>{units}</output>
        <Button
          size="small"
          icon
          aria-label={t("hand.more")}
          isDisabled={units >= 20}
          onPress={() => onChange({ ...hand, units: units + 1 })}
        >
          +
        </Button>
      </div>
      <fieldset className={styles.needs}>
        <legend>{t("hand.needs")}</legend>
        {needSetValues.map((need) => (
          <Checkbox
            key={need}
            isSelected={decision.needs.includes(need)}
            isDisabled={need === "basic"}
            onChange={(on) => toggle(need, on)}
          >
            {label("need_set", need)}
          </Checkbox>
        ))}
      </fieldset>
    </div>
  );
}
