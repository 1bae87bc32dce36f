import { type Call, callOutcomeValues } from "@schema";
import { useTranslation } from "react-i18next";
import { useLabel } from "@/i18n/labels";
import styles from "@/screens/answer/Triage.module.css";
import { useKeys } from "@/shell/keys";
import { useAct } from "@/shell/useAct";
import { Dialog, KeyHint } from "@/ui";

function Outcomes({ call, onDone }: { call: Call; onDone: () => void }) {
  const { t } = useTranslation("answer");
  const label = useLabel();
  const { send } = useAct();
  const close = async (outcome: (typeof callOutcomeValues)[number]) => {
    if (await send("call_close", { call: call.id, outcome }, t("close.title"))) onDone();
  };
  useKeys(
    t("close.title"),
    callOutcomeValues.map((outcome, index) => ({
      keys: String(index + 1),
      text: label("call_outcome", outcome),
      run: () => void close(outcome),
      inDialogs: true,
    })),
  );
  return (
    <div className={styles.outcomes}>
      {callOutcomeValues.map((outcome, index) => (
        <button key={outcome} type="button" className={styles.outcome} onClick={() => void close(outcome)}>
          <KeyHint keys={String(index + 1)} />
          {label("call_outcome", outcome)}
        </button>
      ))}
    </div>
  );
}

/** A call that needs no unit: why. */
export function CloseDialog({ call, isOpen, onClose }: { call: Call; isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation("answer");
  return (
    <Dialog title={t("close.question")} isOpen={isOpen} onClose={onClose}>
      <p>{t("close.text")}</p>
      <Outcomes call={call} onDone={onClose} />
    </Dialog>
  );
}
