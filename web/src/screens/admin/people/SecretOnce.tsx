import { useState } from "react";
import { useTranslation } from "react-i18next";
import styles from "@/screens/admin/people/People.module.css";
import { Button, Checkbox, Dialog } from "@/ui";
import { QrCode } from "@/ui/QrCode";

export interface SecretOnceProps {
  title: string;
  /** What to do with it. */
  text: string;
  /** Empty: the dialog is shut. */
  secret: string;
  /** Something to be taken with a phone's camera. */
  isLink?: boolean;
  onDone: () => void;
}

/** A secret that nobody can see again: it goes only after the person has said that it is kept. */
export function SecretOnce({ title, text, secret, isLink, onDone }: SecretOnceProps) {
  const { t } = useTranslation("admin");
  const [kept, setKept] = useState(false);
  const [copied, setCopied] = useState(false);
  const copy = () =>
    navigator.clipboard.writeText(secret).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  const done = () => {
    setKept(false);
    setCopied(false);
    onDone();
  };
  const key = isLink ? (new URLSearchParams(secret.split("?")[1]).get("secret") ?? "") : "";
  return (
    <Dialog
      title={title}
      isOpen={secret !== ""}
      onClose={() => {}}
      firm
      actions={
        <>
          <Button onPress={() => void copy()}>{copied ? t("secret.copied") : t("secret.copy")}</Button>
          <Button kind="primary" isDisabled={!kept} onPress={done}>
            {t("secret.done")}
          </Button>
        </>
      }
    >
      <p>{text}</p>
      {isLink ? <QrCode text={secret} label={t("secret.qr")} /> : null}
      {key ? <p>{t("secret.byHand", { key: key.replaceAll(/(.{4})(?=.)/g, "$1 ") })}</p> : null}
      <p className={styles.secret}>{secret}</p>
      <p>
        <strong>{t("secret.once")}</strong>
      </p>
      <Checkbox isSelected={kept} onChange={setKept}>
        {t("secret.kept")}
      </Checkbox>
    </Dialog>
  );
}
