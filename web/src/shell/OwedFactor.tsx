import type { Session } from "@schema";
import { useTranslation } from "react-i18next";
import { knowsPasskeys, showPasskey } from "@/api/passkey";
import { FactorForm } from "@/shell/FactorForm";
import { PasskeyForm } from "@/shell/PasskeyForm";
import { Fault } from "@/shell/PasswordForm";
import styles from "@/shell/SignIn.module.css";
import { useTask } from "@/shell/useTask";
import { Button } from "@/ui/Button";

/** The second factor before anything else: the passkey, where one has one; else one is set up, of either kind. */
export function OwedFactor({ session, onDone }: { session: Session; onDone: () => Promise<unknown> }) {
  const { t } = useTranslation("shell");
  const { pending, problem, run } = useTask();
  const show = () =>
    run(async () => {
      await showPasskey();
      await onDone();
    });
  if (session.passkeys) {
    return (
      <div className={styles.form}>
        <Fault problem={problem} />
        <p>{t(knowsPasskeys() ? "passkey.showText" : "passkey.cannot")}</p>
        <Button kind="primary" wide isDisabled={pending || !knowsPasskeys()} onPress={() => void show()}>
          {t("passkey.show")}
        </Button>
      </div>
    );
  }
  return (
    <>
      <FactorForm onDone={onDone} />
      {session.passkeys === 0 && knowsPasskeys() ? (
        <section className={styles.form} aria-labelledby="or-passkey">
          <h2 id="or-passkey">{t("passkey.or")}</h2>
          <PasskeyForm onDone={onDone} />
        </section>
      ) : null}
    </>
  );
}
