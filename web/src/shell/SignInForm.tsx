import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { asProblem, type Problem } from "@/api/problem";
import { signIn } from "@/api/session";
import { useProblemWords } from "@/api/wording";
import { CodeField } from "@/shell/CodeField";
import styles from "@/shell/SignIn.module.css";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";

export interface SignInFormProps {
  /** The name stands: only this person can go on with what is open. */
  fixedName?: string;
}

export function SignInForm({ fixedName }: SignInFormProps) {
  const { t } = useTranslation("shell");
  const words = useProblemWords();
  const [name, setName] = useState(fixedName ?? "");
  const [password, setPassword] = useState("");
  const [totp, setTotp] = useState("");
  const [asksTotp, setAsksTotp] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [pending, setPending] = useState(false);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setPending(true);
    setProblem(null);
    try {
      await signIn(name.trim(), password, totp.trim() || undefined);
    } catch (thrown) {
      const told = asProblem(thrown);
      if (told.name === "totp_needed") setAsksTotp(true);
      setProblem(told);
    } finally {
      setPending(false);
    }
  };

  const told = problem ? words(problem) : null;
  return (
    <form className={styles.form} onSubmit={submit}>
      {told ? (
        <div className={styles.error} role="alert">
          {told.title} {told.more}
        </div>
      ) : null}
      <Field
        label={t("signIn.name")}
        autoComplete="username"
        autoFocus={!fixedName}
        value={name}
        onChange={setName}
        isReadOnly={Boolean(fixedName)}
        large
      />
      <Field
        label={t("signIn.password")}
        type="password"
        autoComplete="current-password"
        autoFocus={Boolean(fixedName)}
        value={password}
        onChange={setPassword}
        large
      />
      {asksTotp ? <CodeField value={totp} onChange={setTotp} /> : null}
      <Button type="submit" kind="primary" size="large" wide isDisabled={pending || !name.trim() || !password}>
        {t(pending ? "signIn.pending" : "signIn.submit")}
      </Button>
    </form>
  );
}
