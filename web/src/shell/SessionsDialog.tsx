import type { SessionRow } from "@schema";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { asProblem, type Problem } from "@/api/problem";
import { endOwnSession, readOwnSessions } from "@/api/session";
import { useFormat } from "@/i18n/format";
import { Fault } from "@/shell/PasswordForm";
import styles from "@/shell/SignIn.module.css";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";

/** Where one is signed in, and how to end what should not be. */
export function SessionsDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation("shell");
  const format = useFormat();
  const [rows, setRows] = useState<readonly SessionRow[]>([]);
  const [problem, setProblem] = useState<Problem | null>(null);
  const act = async (task: () => Promise<unknown>) => {
    setProblem(null);
    try {
      await task();
      setRows(await readOwnSessions());
    } catch (thrown) {
      setProblem(asProblem(thrown));
    }
  };
  useEffect(() => {
    if (isOpen) readOwnSessions().then(setRows, (thrown) => setProblem(asProblem(thrown)));
  }, [isOpen]);
  return (
    <Dialog title={t("sessions.title")} isOpen={isOpen} onClose={onClose}>
      <Fault problem={problem} />
      <ul className={styles.form}>
        {rows.map((row) => (
          <li key={row.id} className={styles.session}>
            <span>
              {t("sessions.row", { address: row.address, since: format.dateTime(row.created_at) })}
              <br />
              <span className={styles.sub}>{t("sessions.seen", { when: format.dateTime(row.seen_at) })}</span>
            </span>
            {row.current ? (
              <strong>{t("sessions.current")}</strong>
            ) : (
              <Button size="small" onPress={() => void act(() => endOwnSession(row.id))}>
                {t("sessions.end")}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
