import { useTranslation } from "react-i18next";
import type { Problem } from "@/api/problem";
import { useProblemWords } from "@/api/wording";
import styles from "@/screens/admin/parts/Form.module.css";

/** Why something was not done, where it was tried. The server's own sentence says which entry it is about. */
export function Refusal({ problem }: { problem: Problem | null }) {
  const { t } = useTranslation("admin");
  const words = useProblemWords();
  if (!problem) return null;
  const { title, more } = words(problem);
  const told = ["unprocessable", "conflict", "malformed"].includes(problem.name) ? problem.details.detail : "";
  return (
    <div className={styles.refusal} role="alert">
      <p>
        <strong>{t("notDone")}</strong> {title}
      </p>
      {more ? <p>{more}</p> : null}
      {told ? (
        <p lang="en" className={styles.told}>
          {told}
        </p>
      ) : null}
    </div>
  );
}
