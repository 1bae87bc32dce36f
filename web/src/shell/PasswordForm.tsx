import { type FormEvent, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { asProblem, type Problem } from "@/api/problem";
import { changeOwnPassword } from "@/api/session";
import { useProblemWords } from "@/api/wording";
import styles from "@/shell/SignIn.module.css";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";

/** What went wrong, where it was tried. */
export function Fault({ problem }: { problem: Problem | null }): ReactNode {
  const words = useProblemWords();
  if (!problem) return null;
  const told = words(problem);
  return (
    <div className={styles.error} role="alert">
      {told.title} {told.more}
    </div>
  );
}

export function PasswordForm({ onDone }: { onDone: () => Promise<unknown> }) {
  const { t } = useTranslation("shell");
  const [old, setOld] = useState("");
  const [fresh, setFresh] = useState("");
  const [again, setAgain] = useState("");
  const [pending, setPending] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const differs = again !== "" && again !== fresh;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setPending(true);
    setProblem(null);
    try {
      await changeOwnPassword(old, fresh);
      await onDone();
    } catch (thrown) {
      setProblem(asProblem(thrown));
    } finally {
      setPending(false);
    }
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      <Fault problem={problem} />
      <Field
        label={t("password.old")}
        type="password"
        autoComplete="current-password"
        autoFocus
        value={old}
        onChange={setOld}
      />
      <Field
        label={t("password.new")}
        help={t("password.help")}
        type="password"
        autoComplete="new-password"
        value={fresh}
        onChange={setFresh}
      />
      <Field
        label={t("password.again")}
        type="password"
        autoComplete="new-password"
        value={again}
        onChange={setAgain}
        error={differs ? t("password.differs") : undefined}
      />
      <Button type="submit" kind="primary" wide isDisabled={pending || !old || !fresh || again !== fresh}>
        {t("password.change")}
      </Button>
    </form>
  );
}
