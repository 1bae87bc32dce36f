import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { centreStore } from "@/api/centre";
import { addPasskey } from "@/api/passkey";
import { Fault } from "@/shell/PasswordForm";
import styles from "@/shell/SignIn.module.css";
import { useTask } from "@/shell/useTask";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";

/** Of UTF-8, as the server counts: a Chinese character has three. */
const NAME_BYTES_MAX = 63;

/** A new passkey of one's own, by the name that one gives it: which must fit before the authenticator makes a key. */
export function PasskeyForm({ onDone }: { onDone: () => Promise<unknown> }) {
  const { t } = useTranslation("shell");
  const centre = useStore(centreStore, (store) => store.name) || t("product");
  const [name, setName] = useState("");
  const { pending, problem, run } = useTask();
  const tooLong = new TextEncoder().encode(name.trim()).length > NAME_BYTES_MAX;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void run(async () => {
      await addPasskey(name.trim(), centre);
      setName("");
      await onDone();
    });
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      <Fault problem={problem} />
      <Field
        label={t("passkey.name")}
        help={t("passkey.nameHelp")}
        value={name}
        onChange={setName}
        maxLength={60}
        error={tooLong ? t("passkey.nameLong") : undefined}
      />
      <Button type="submit" wide isDisabled={pending || !name.trim() || tooLong}>
        {t("passkey.add")}
      </Button>
    </form>
  );
}
