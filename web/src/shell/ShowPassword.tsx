import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import { onClientEvents } from "@/api/client";
import { knowsPasskeys, showPasskey } from "@/api/passkey";
import { asProblem, type Problem } from "@/api/problem";
import { sessionStore, showAgain } from "@/api/session";
import { Fault } from "@/shell/PasswordForm";
import styles from "@/shell/SignIn.module.css";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";

/** Who waits for the answer; several acts at once are one question. */
const askedStore = createStore<{ waiting: readonly ((shown: boolean) => void)[] }>(() => ({ waiting: [] }));

onClientEvents({
  showPassword: () =>
    new Promise((resolve) => askedStore.setState(({ waiting }) => ({ waiting: [...waiting, resolve] }))),
});

function answer(shown: boolean): void {
  const { waiting } = askedStore.getState();
  askedStore.setState({ waiting: [] });
  for (const resolve of waiting) resolve(shown);
}

/** Before a deed of weight: who sits here is still who signed in. */
export function ShowPassword() {
  const { t } = useTranslation("shell");
  const isOpen = useStore(askedStore, ({ waiting }) => waiting.length > 0);
  const hasPasskey = useStore(sessionStore, ({ session }) => Boolean(session?.passkeys));
  const [password, setPassword] = useState("");
  const [totp, setTotp] = useState("");
  const [pending, setPending] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const leave = (shown: boolean) => {
    setPassword("");
    setTotp("");
    setProblem(null);
    answer(shown);
  };
  const act = async (task: () => Promise<void>) => {
    setPending(true);
    setProblem(null);
    try {
      await task();
      leave(true);
    } catch (thrown) {
      setProblem(asProblem(thrown));
    } finally {
      setPending(false);
    }
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    await act(() => showAgain(password ? { password } : { totp: totp.trim() }));
  };
  return (
    <Dialog title={t("shown.title")} isOpen={isOpen} onClose={() => leave(false)}>
      <form className={styles.form} onSubmit={submit}>
        <Fault problem={problem} />
        <p>{t("shown.text")}</p>
        <Field
          label={t("signIn.password")}
          type="password"
          autoComplete="current-password"
          autoFocus
          value={password}
          onChange={setPassword}
        />
        <Field
          label={t("shown.totp")}
          autoComplete="one-time-code"
          inputMode="numeric"
          value={totp}
          onChange={setTotp}
        />
        <Button type="submit" kind="primary" wide isDisabled={pending || (!password && !totp.trim())}>
          {t("shown.go")}
        </Button>
        {hasPasskey && knowsPasskeys() ? (
          <Button wide isDisabled={pending} onPress={() => void act(showPasskey)}>
            {t("passkey.show")}
          </Button>
        ) : null}
      </form>
    </Dialog>
  );
}
