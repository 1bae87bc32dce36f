import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { beginOwnFactor, setOwnFactor } from "@/api/session";
import { Fault } from "@/shell/PasswordForm";
import styles from "@/shell/SignIn.module.css";
import { useTask } from "@/shell/useTask";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { QrCode } from "@/ui/QrCode";

function keyOf(address: string): string {
  const key = new URLSearchParams(address.split("?")[1]).get("secret") ?? "";
  return key.replaceAll(/(.{4})(?=.)/g, "$1 ");
}

/** One's own second factor: the phone takes the picture, and the first code of it comes back. */
export function FactorForm({ onDone }: { onDone: () => Promise<unknown> }) {
  const { t } = useTranslation("shell");
  const [address, setAddress] = useState("");
  const [code, setCode] = useState("");
  const { pending, problem, run } = useTask();
  const begin = () => run(async () => setAddress(await beginOwnFactor()));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void run(async () => {
      await setOwnFactor(code.trim());
      await onDone();
    });
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      <Fault problem={problem} />
      <p>{t("factor.text")}</p>
      {address ? (
        <>
          <QrCode text={address} label={t("factor.qr")} />
          <p>{t("factor.byHand", { key: keyOf(address) })}</p>
          <Field
            label={t("factor.code")}
            help={t("signIn.totpHelp")}
            autoComplete="one-time-code"
            inputMode="numeric"
            autoFocus
            value={code}
            onChange={setCode}
          />
          <Button type="submit" kind="primary" wide isDisabled={pending || !code.trim()}>
            {t("factor.set")}
          </Button>
        </>
      ) : (
        <Button kind="primary" wide autoFocus isDisabled={pending} onPress={() => void begin()}>
          {t("factor.begin")}
        </Button>
      )}
    </form>
  );
}
