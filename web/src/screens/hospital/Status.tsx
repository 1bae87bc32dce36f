import type { Facility } from "@schema";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { useLabel } from "@/i18n/labels";
import { CentreView } from "@/screens/hospital/CentreView";
import { Divert } from "@/screens/hospital/Divert";
import styles from "@/screens/hospital/Status.module.css";
import { useKeys } from "@/shell/keys";
import { useAct } from "@/shell/useAct";
import { Button, Dialog, Elapsed, Panel } from "@/ui";

const SIGNS = { open: "✓", diverting: "↷", shut: "✕" } as const;

function Now({ facility }: { facility: Facility }) {
  const { t } = useTranslation("hospital");
  const label = useLabel();
  const format = useFormat();
  const { state, diverting_until: until } = facility;
  return (
    <div className={styles.now} data-state={state}>
      <span className={styles.sign} aria-hidden="true">
        {SIGNS[state]}
      </span>
      <div>
        <p className={styles.word}>{label("facility_state", state)}</p>
        {state === "diverting" ? (
          <p>
            {label("diversion_cause", facility.diverting_cause)}
            {" · "}
            {until ? t("status.until", { time: format.time(until) }) : t("status.openEnd")}
          </p>
        ) : (
          <p>{t(`status.text.${state}`)}</p>
        )}
      </div>
      {state === "diverting" && until ? <Elapsed since={until} down large /> : null}
    </div>
  );
}

/** Whether the hospital receives is nothing that one key changes unasked. */
function Ask({ what, facility, onClose }: { what: "shut" | "reopen"; facility: Facility; onClose: () => void }) {
  const { t } = useTranslation("hospital");
  const { send, pending } = useAct();
  const act = async () => {
    await send("facility_report", { facility: facility.id, what }, t(`status.${what}`));
    onClose();
  };
  return (
    <Dialog
      title={t(`${what}.title`)}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose} autoFocus={what === "shut"}>
            {t("cancel")}
          </Button>
          <Button
            kind={what === "shut" ? "danger" : "primary"}
            autoFocus={what === "reopen"}
            isDisabled={pending}
            onPress={() => void act()}
          >
            {t(`${what}.confirm`)}
          </Button>
        </>
      }
    >
      <p>{t(`${what}.text`)}</p>
    </Dialog>
  );
}

/** Whether patients are received, and what the centre makes of it. */
export function Status({ facility, own }: { facility: Facility; own: boolean }) {
  const { t } = useTranslation("hospital");
  const [asking, setAsking] = useState<"divert" | "shut" | "reopen" | null>(null);
  const { state } = facility;
  const close = () => setAsking(null);
  useKeys(t("keys.title"), [
    { keys: "d", text: t("keys.divert"), run: () => setAsking("divert"), disabled: !own || state === "shut" },
    { keys: "o", text: t("keys.reopen"), run: () => setAsking("reopen"), disabled: !own || state === "open" },
    { keys: "x", text: t("keys.shut"), run: () => setAsking("shut"), disabled: !own || state === "shut" },
  ]);
  return (
    <Panel title={t("status.title")} className={styles.panel} padded>
      <Now facility={facility} />
      {own ? (
        <div className={styles.buttons}>
          <Button hint="d" isDisabled={state === "shut"} onPress={() => setAsking("divert")}>
            {t(state === "diverting" ? "status.divertAnew" : "status.divert")}
          </Button>
          <Button hint="o" isDisabled={state === "open"} onPress={() => setAsking("reopen")}>
            {t("status.reopen")}
          </Button>
          <Button hint="x" kind="danger" isDisabled={state === "shut"} onPress={() => setAsking("shut")}>
            {t("status.shut")}
          </Button>
        </div>
      ) : null}
      <CentreView facility={facility} />
      {asking === "divert" ? <Divert facility={facility} onClose={close} /> : null}
      {asking === "shut" || asking === "reopen" ? <Ask what={asking} facility={facility} onClose={close} /> : null}
    </Panel>
  );
}
