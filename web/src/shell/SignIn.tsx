import type { Role, Welcome, WelcomeAccount } from "@schema";
import { useState } from "react";
import { Button as AriaButton } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { centreStore } from "@/api/centre";
import { asProblem, type Problem } from "@/api/problem";
import { sessionStore, signIn } from "@/api/session";
import { useProblemWords } from "@/api/wording";
import { useLabel } from "@/i18n/labels";
import { LanguageButton, ThemeMenu } from "@/shell/Preferences";
import styles from "@/shell/SignIn.module.css";
import { SignInForm } from "@/shell/SignInForm";
import { SignInPasskey } from "@/shell/SignInPasskey";
import { SignInProvider } from "@/shell/SignInProvider";

/** The account of a drill that is led through a first call (firstCall.ts). */
const NEWCOMER = "newcomer";

function Accounts({ accounts, password }: { accounts: readonly WelcomeAccount[]; password: string }) {
  const { t } = useTranslation("shell");
  const label = useLabel();
  const words = useProblemWords();
  const [pending, setPending] = useState<string | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const enter = async (name: string) => {
    setPending(name);
    setProblem(null);
    try {
      await signIn(name, password);
    } catch (thrown) {
      setProblem(asProblem(thrown));
    } finally {
      setPending(null);
    }
  };
  return (
    <section className={`${styles.card} ${styles.accounts}`} aria-labelledby="accounts">
      <div>
        <h2 id="accounts" className={styles.name}>
          {t("signIn.accounts")}
        </h2>
        <p className={styles.sub}>{t("signIn.accountsText")}</p>
      </div>
      {problem ? (
        <div className={styles.error} role="alert">
          {words(problem).title}
        </div>
      ) : null}
      <ul className={styles.list}>
        {accounts.map((account) => (
          <li key={account.name} className={account.name === NEWCOMER ? styles.first : undefined}>
            <AriaButton
              className={styles.account}
              isDisabled={pending !== null}
              onPress={() => void enter(account.name)}
            >
              <span className={styles.role}>
                {account.name === NEWCOMER
                  ? t("signIn.newcomer")
                  : account.roles.map((role) => label("role", role as Role)).join(" · ")}
              </span>
              <span className={styles.sub}>
                {account.name === NEWCOMER ? t("signIn.newcomerText") : account.display || account.name}
              </span>
            </AriaButton>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Who are you? In an open drill, one click is enough. */
export function SignIn({ welcome }: { welcome: Welcome | null }) {
  const { t } = useTranslation("shell");
  const centre = useStore(centreStore, (store) => store.name);
  const drill = useStore(sessionStore, (session) => session.drill) || Boolean(welcome?.drill);
  return (
    <div className={styles.page}>
      <div className={styles.tools}>
        <LanguageButton />
        <ThemeMenu />
      </div>
      <main className={styles.middle}>
        <section className={styles.card} aria-label={t("signIn.title")}>
          <div className={styles.brand}>
            <img src="/icons/mingdi.svg" alt="" />
            <div>
              <h1 className={styles.name}>{centre || t("product")}</h1>
              <p className={styles.sub}>{t("signIn.sub")}</p>
            </div>
          </div>
          {drill ? <p className={styles.drill}>{t("drill.signIn")}</p> : null}
          {welcome?.provider ? <SignInProvider name={welcome.provider} /> : null}
          {welcome?.passkeys ? <SignInPasskey /> : null}
          <SignInForm />
        </section>
        {welcome?.password && welcome.accounts.length > 0 ? (
          <Accounts accounts={welcome.accounts} password={welcome.password} />
        ) : null}
      </main>
    </div>
  );
}
