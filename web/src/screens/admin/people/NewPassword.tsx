import { useState } from "react";
import { useTranslation } from "react-i18next";
import { put } from "@/api/client";
import { checkPassword } from "@/screens/admin/parts/check";
import { Refusal } from "@/screens/admin/parts/Refusal";
import { useFault } from "@/screens/admin/parts/useFault";
import { useOnce } from "@/screens/admin/parts/useOnce";
import type { PersonRow } from "@/screens/admin/types";
import { notify } from "@/shell/notices";
import { Button, Dialog, Field } from "@/ui";

export interface NewPasswordProps {
  person: PersonRow;
  isOpen: boolean;
  onClose: () => void;
  after: () => Promise<unknown>;
}

export function NewPassword({ person, isOpen, onClose, after }: NewPasswordProps) {
  const { t } = useTranslation("admin");
  const words = useFault();
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const [touched, setTouched] = useState(false);
  const { run, pending, problem, clear } = useOnce();
  const fault = checkPassword(password, person.name);
  const leave = () => {
    setPassword("");
    setAgain("");
    setTouched(false);
    clear();
    onClose();
  };
  const give = async () => {
    const done = await run(async () => {
      await put(`/api/v1/people/${person.id}/password`, { password }, { tryFor_ms: 0 });
      await after();
    });
    if (!done) return;
    notify({ tone: "ok", text: t("person.passwordDone", { name: person.display }) });
    leave();
  };
  const differs = again !== "" && again !== password;
  return (
    <Dialog
      title={t("person.passwordTitle", { name: person.display })}
      isOpen={isOpen}
      onClose={leave}
      actions={
        <>
          <Button onPress={leave}>{t("cancel")}</Button>
          <Button
            kind="primary"
            isDisabled={pending || fault !== undefined || again !== password}
            onPress={() => void give()}
          >
            {t("person.newPassword")}
          </Button>
        </>
      }
    >
      <p>{t("person.passwordText")}</p>
      <Field
        label={t("person.password")}
        type="password"
        autoComplete="new-password"
        value={password}
        onChange={setPassword}
        onBlur={() => setTouched(password !== "")}
        help={touched && fault ? undefined : t("person.passwordHelp")}
        error={touched ? words(fault) : undefined}
        autoFocus
      />
      <Field
        label={t("person.passwordAgain")}
        type="password"
        autoComplete="new-password"
        value={again}
        onChange={setAgain}
        error={differs ? t("person.passwordDiffers") : undefined}
      />
      <Refusal problem={problem} />
    </Dialog>
  );
}
