import type { PasskeyRow } from "@schema";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { knowsPasskeys, readPasskeys, removePasskey } from "@/api/passkey";
import { asProblem, type Problem } from "@/api/problem";
import { renewSession } from "@/api/session";
import { useFormat } from "@/i18n/format";
import { notify } from "@/shell/notices";
import { PasskeyForm } from "@/shell/PasskeyForm";
import { Fault } from "@/shell/PasswordForm";
import styles from "@/shell/SignIn.module.css";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";

/** The passkeys that one has: with what one signs in, and how to end what was lost. */
export function PasskeysDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation("shell");
  const format = useFormat();
  const [rows, setRows] = useState<readonly PasskeyRow[]>([]);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    if (isOpen) readPasskeys().then(setRows, (thrown) => setProblem(asProblem(thrown)));
  }, [isOpen]);
  const reload = async () => {
    setRows(await readPasskeys());
    await renewSession();
  };
  const drop = async (row: PasskeyRow) => {
    setProblem(null);
    try {
      await removePasskey(row.id);
      await reload();
      notify({ tone: "ok", text: t("passkey.removed", { name: row.name }) });
    } catch (thrown) {
      setProblem(asProblem(thrown));
    }
  };
  const added = async () => {
    await reload();
    notify({ tone: "ok", text: t("passkey.added") });
  };
  const used = (row: PasskeyRow) =>
    row.used_at ? t("passkey.used", { when: format.dateTime(row.used_at) }) : t("passkey.unused");
  return (
    <Dialog title={t("passkey.title")} isOpen={isOpen} onClose={onClose}>
      <div className={styles.form}>
        <Fault problem={problem} />
        <p>{t("passkey.text")}</p>
        <ul className={styles.form}>
          {rows.map((row) => (
            <li key={row.id} className={styles.session}>
              <span>
                {row.name}
                <br />
                <span className={styles.sub}>{used(row)}</span>
              </span>
              <Button
                size="small"
                aria-label={t("passkey.removeOne", { name: row.name })}
                onPress={() => void drop(row)}
              >
                {t("passkey.remove")}
              </Button>
            </li>
          ))}
        </ul>
        {knowsPasskeys() ? <PasskeyForm onDone={added} /> : <p>{t("passkey.cannot")}</p>}
      </div>
    </Dialog>
  );
}
