import { type FormEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { asProblem, type Problem } from "@/api/problem";
import { goToProvider, type ProviderReturn, takeReturn } from "@/api/provider";
import { signInByProvider } from "@/api/session";
import { useProblemWords } from "@/api/wording";
import { CodeField } from "@/shell/CodeField";
import { readRoute, routeStore } from "@/shell/router";
import styles from "@/shell/SignIn.module.css";
import { Button } from "@/ui/Button";

/** What the browser brought back is taken once for the page: a second mount finds it used. */
const arrived: { came: ProviderReturn | null } = { came: takeReturn() };
routeStore.setState(readRoute(window.location), true);

function useProvider() {
  const came = useRef<ProviderReturn | null>(null);
  const [pending, setPending] = useState(false);
  const [asksTotp, setAsksTotp] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const act = async (task: () => Promise<void>) => {
    setPending(true);
    setProblem(null);
    try {
      await task();
    } catch (thrown) {
      const told = asProblem(thrown);
      if (told.name === "totp_needed") setAsksTotp(true);
      else if (told.name !== "sign_in_refused") setAsksTotp(false);
      setProblem(told);
    } finally {
      setPending(false);
    }
  };
  const finish = (totp?: string) =>
    act(async () => {
      if (came.current) await signInByProvider(came.current, totp);
    });
  useEffect(() => {
    came.current = arrived.came ?? came.current;
    const fresh = arrived.came !== null;
    arrived.came = null;
    if (fresh) void finish();
  });
  return { pending, asksTotp, problem, finish, leave: () => act(goToProvider) };
}

/** The button that leaves for the city's identity provider, and what follows when the browser comes back. */
export function SignInProvider({ name }: { name: string }) {
  const { t } = useTranslation("shell");
  const words = useProblemWords();
  const { pending, asksTotp, problem, finish, leave } = useProvider();
  const [totp, setTotp] = useState("");
  const told = problem ? words(problem) : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void finish(totp.trim());
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      {told ? (
        <div className={styles.error} role="alert">
          {told.title} {told.more}
        </div>
      ) : null}
      {asksTotp ? (
        <>
          <CodeField value={totp} onChange={setTotp} />
          <Button type="submit" kind="primary" size="large" wide isDisabled={pending || !totp.trim()}>
            {t(pending ? "signIn.pending" : "signIn.submit")}
          </Button>
        </>
      ) : (
        <Button kind="primary" size="large" wide isDisabled={pending} onPress={() => void leave()}>
          {t(pending ? "signIn.providerPending" : "signIn.provider", { name })}
        </Button>
      )}
    </form>
  );
}
