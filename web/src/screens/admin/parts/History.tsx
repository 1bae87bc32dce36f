import type { AuditRow, History as HistoryList } from "@schema";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { get } from "@/api/client";
import { asProblem, type Problem } from "@/api/problem";
import { useFormat } from "@/i18n/format";
import { useAuditWords } from "@/screens/admin/audit/words";
import styles from "@/screens/admin/parts/History.module.css";
import { Part } from "@/screens/admin/parts/Record";
import { Refusal } from "@/screens/admin/parts/Refusal";

export interface HistoryProps {
  kind: "person" | "token" | "unit" | "post" | "facility" | "seat";
  id: number;
  /** Changes when something was done: it is read again. */
  version: unknown;
}

/** Who did what to this record, from the audit trail. */
export function History({ kind, id, version }: HistoryProps) {
  const { t } = useTranslation("admin");
  const format = useFormat();
  const words = useAuditWords();
  const [rows, setRows] = useState<readonly AuditRow[] | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another version is another reading
  useEffect(() => {
    const abort = new AbortController();
    setProblem(null);
    get<HistoryList>(`/api/v1/history/${kind}/${id}`, { signal: abort.signal }).then(
      ({ items }) => setRows(items),
      (thrown) => abort.signal.aborted || setProblem(asProblem(thrown)),
    );
    return () => abort.abort();
  }, [kind, id, version]);
  return (
    <Part title={t("history.title")}>
      <Refusal problem={problem} />
      {rows?.length === 0 ? <p className={styles.none}>{t("history.none")}</p> : null}
      <ol className={styles.rows}>
        {rows?.map((row) => (
          <li key={row.sequence}>
            <time>
              {format.date(row.at)} {format.timeSeconds(row.at)}
            </time>
            <span>{words.actor(row)}</span>
            <span>
              {words.what(row)}
              {row.detail ? <span className={styles.detail}>{words.detail(row)}</span> : null}
            </span>
          </li>
        ))}
      </ol>
    </Part>
  );
}
