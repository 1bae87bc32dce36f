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

function firstOf(session: Session) {
  if (session.owes.includes("password")) return "password";
  return session.passkeys ? "passkey" : "factor";
}

/** The first sign-in: the password that somebody else gave is changed, and the second factor set up, before anything else. */
export function Owes({ session }: { session: Session }) {
  const { t } = useTranslation("shell");
  const { run, pending } = useAct();
  const isPassword = session.owes.includes("password");
  const steps = session.owes.length;
  const done = async () => {
    notify({ tone: "ok", text: t(isPassword ? "password.done" : session.passkeys ? "passkey.shown" : "factor.done") });
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
            {t(`owes.${firstOf(session)}`)}
          </h1>
          <p className={styles.sub}>{t(steps > 1 ? "owes.two" : "owes.one", { name: session.person.name })}</p>
          {isPassword ? <PasswordForm onDone={done} /> : <OwedFactor session={session} onDone={done} />}
          <Button kind="quiet" wide isDisabled={pending} onPress={() => void run(signOut, t("person.signOut"))}>
            {t("person.signOut")}
          </Button>
        </section>
      </main>
    </div>
  );
}
