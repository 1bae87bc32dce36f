import { useTranslation } from "react-i18next";
import { knowsPasskeys } from "@/api/passkey";
import { signInByPasskey } from "@/api/session";
import { Fault } from "@/shell/PasswordForm";
import styles from "@/shell/SignIn.module.css";
import { useTask } from "@/shell/useTask";
import { Button } from "@/ui/Button";

/** In place of name, password and code; nothing where the browser cannot. */
export function SignInPasskey() {
  const { t } = useTranslation("shell");
  const { pending, problem, run } = useTask();
  if (!knowsPasskeys()) return null;
  return (
    <div className={styles.form}>
      <Fault problem={problem} />
      <Button size="large" wide isDisabled={pending} onPress={() => void run(signInByPasskey)}>
        {t(pending ? "passkey.pending" : "passkey.signIn")}
      </Button>
    </div>
  );
}
