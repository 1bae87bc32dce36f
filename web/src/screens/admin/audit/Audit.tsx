import type { AuditRow } from "@schema";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { get } from "@/api/client";
import { useFormat } from "@/i18n/format";
import styles from "@/screens/admin/audit/Trail.module.css";
import { TrailView } from "@/screens/admin/audit/TrailView";
import { type Part, useTrail } from "@/screens/admin/audit/useTrail";
import { useAuditWords } from "@/screens/admin/audit/words";
import { Facts } from "@/screens/admin/parts/Facts";

const PAGE = 500;

async function readAudit(from: number | null): Promise<Part<AuditRow>> {
  const { items, next } = await get<{ items: AuditRow[]; next: number | null }>(
    `/api/v1/audit?before=${from ?? 0}&limit=${PAGE}`,
  );
  return { rows: items, next };
}

/** What the journal does not hold: who looked at whose data, who signed in, who changed people and settings. */
export function Audit() {
  const { t } = useTranslation("admin");
  const format = useFormat();
  const words = useAuditWords();
  const trail = useTrail(readAudit);
  const { actor, what, subject, detail } = words;
  const textOf = useCallback(
    (row: AuditRow) => [row.sequence, actor(row), what(row), subject(row), detail(row)].join(" "),
    [actor, what, subject, detail],
  );
  const when = (row: AuditRow) => `${format.date(row.at)} ${format.timeSeconds(row.at)}`;
  return (
    <TrailView
      title={t("section.audit")}
      trail={trail}
      grid={styles.audit ?? ""}
      textOf={textOf}
      empty={t("audit.none")}
      head={
        <>
          <span>{t("trail.number")}</span>
          <span>{t("trail.when")}</span>
          <span>{t("trail.who")}</span>
          <span>{t("trail.what")}</span>
          <span>{t("trail.about")}</span>
          <span>{t("trail.detail")}</span>
        </>
      }
      row={(row) => (
        <>
          <span>{row.sequence}</span>
          <time>{when(row)}</time>
          <span>{actor(row)}</span>
          <strong>{what(row)}</strong>
          <span>{subject(row)}</span>
          <span>{detail(row)}</span>
        </>
      )}
    >
      {(row) => (
        <Facts
          facts={[
            [t("trail.when"), when(row)],
            [t("trail.who"), row.machine ? t("audit.machine", { name: actor(row) }) : actor(row)],
            [t("trail.what"), what(row)],
            [t("trail.about"), subject(row) || t("audit.nothing")],
            [t("trail.detail"), detail(row) || t("audit.nothing")],
            [t("audit.asWritten"), `${row.what} · ${row.subject} ${row.subject_id} · ${row.detail}`],
            [
              t("audit.hash"),
              <span key="hash" className={styles.hash}>
                {row.hash}
              </span>,
            ],
          ]}
        />
      )}
    </TrailView>
  );
}
