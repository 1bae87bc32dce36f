import type { Session } from "@schema";
import { useTranslation } from "react-i18next";
import { renewSession, signOut } from "@/api/session";
import { notify } from "@/shell/notices";
import { OwedFactor } from "@/shell/OwedFactor";
import { PasswordForm } from "@/shell/PasswordForm";
import { LanguageButton, ThemeMenu } from "@/shell/Preferences";
import styles from "@/shell/SignIn.module.css";
import { useAct } from "@/shell/useAct";
import { Button } from "@/ui/Button";

/** A passkey that is there comes first: with the password alone nothing is changed. */
function firstOf(session: Session) {
  if (session.owes.includes("second_factor") && session.passkeys) return "passkey";
  return session.owes.includes("password") ? "password" : "factor";
}

/** Before anything else: the passkey of who has one, else a new second factor; and the password that somebody else gave is changed. */
export function Owes({ session }: { session: Session }) {
  const { t } = useTranslation("shell");
  const { run, pending } = useAct();
  const first = firstOf(session);
  const steps = session.owes.length;
  const done = async () => {
    const text = first === "password" ? t("password.done") : t(first === "passkey" ? "passkey.shown" : "factor.done");
    notify({ tone: "ok", text });
    await renewSession();
  };
  return (
    <div className={styles.page}>
      <div className={styles.tools}>
        <LanguageButton />
        <ThemeMenu />
      </div>
      <main className={styles.middle}>
        <section className={styles.card} aria-labelledby="owes">
          <h1 id="owes" className={styles.name}>
            {t(`owes.${first}`)}
          </h1>
          <p className={styles.sub}>{t(steps > 1 ? "owes.two" : "owes.one", { name: session.person.name })}</p>
          {first === "password" ? <PasswordForm onDone={done} /> : <OwedFactor session={session} onDone={done} />}
          <Button kind="quiet" wide isDisabled={pending} onPress={() => void run(signOut, t("person.signOut"))}>
            {t("person.signOut")}
          </Button>
        </section>
      </main>
    </div>
  );
}
