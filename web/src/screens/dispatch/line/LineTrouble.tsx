import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import styles from "@/screens/dispatch/line/LineTrouble.module.css";
import type { Parsed } from "@/screens/dispatch/line/parse";
import type { LineProblem } from "@/screens/dispatch/line/reader";

function wordsOf(t: TFunction<"dispatch">, problem: LineProblem): string {
  if (problem.code === "missing") return t(`line.missing.${problem.missing}`);
  return t(`line.problem.${problem.code}`, { word: problem.word });
}

/** What could not be read, what would do, and how the whole is written. */
export function LineTrouble({ trouble }: { trouble: Extract<Parsed, { spec: unknown }> }) {
  const { t } = useTranslation("dispatch");
  const { problem, spec } = trouble;
  return (
    <div className={styles.trouble} role="alert">
      <p className={styles.what}>{wordsOf(t, problem)}</p>
      {problem.options.length > 0 ? <p>{t("line.wouldDo", { options: problem.options.join(", ") })}</p> : null}
      <p className={styles.usage}>{spec ? t("line.example", { example: spec.example }) : t("line.seeHelp")}</p>
    </div>
  );
}
