import { useState } from "react";
import { useTranslation } from "react-i18next";
import { changeOwnPassword } from "@/api/session";
import { notify } from "@/shell/notices";
import { useAct } from "@/shell/useAct";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";

export function PasswordDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation("shell");
  const [old, setOld] = useState("");
  const [fresh, setFresh] = useState("");
  const [again, setAgain] = useState("");
  const { run, pending } = useAct();
  const differs = again !== "" && again !== fresh;
  const leave = () => {
    setOld("");
    setFresh("");
    setAgain("");
    onClose();
  };
  const change = async () => {
    const done = await run(async () => {
      await changeOwnPassword(old, fresh);
      return true;
    }, t("password.title"));
    if (!done) return;
    notify({ tone: "ok", text: t("password.done") });
    leave();
  };
  return (
    <Dialog
      title={t("password.title")}
      isOpen={isOpen}
      onClose={leave}
      actions={
        <>
          <Button onPress={leave}>{t("cancel")}</Button>
          <Button kind="primary" isDisabled={pending || !old || !fresh || again !== fresh} onPress={change}>
            {t("password.change")}
          </Button>
        </>
      }
    >
      <Field label={t("password.old")} type="password" autoComplete="current-password" value={old} onChange={setOld} />
      <Field label={t("password.new")} type="password" autoComplete="new-password" value={fresh} onChange={setFresh} />
      <Field
        label={t("password.again")}
        type="password"
        autoComplete="new-password"
        value={again}
        onChange={setAgain}
        error={differs ? t("password.differs") : undefined}
      />
    </Dialog>
  );
}
