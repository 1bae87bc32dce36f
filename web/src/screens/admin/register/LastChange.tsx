import type { Change } from "@schema";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { useLabel } from "@/i18n/labels";
import styles from "@/screens/admin/parts/Form.module.css";

/** The newest entry of the journal about a unit or facility; names are in the audit trail instead. */
export function LastChange({ change }: { change: Change | null }) {
  const { t } = useTranslation("admin");
  const format = useFormat();
  const label = useLabel();
  if (!change) return null;
  const who = change.name || label("actor_kind", change.actor_kind);
  const when = `${format.date(change.at)} ${format.timeSeconds(change.at)}`;
  return <p className={styles.note}>{t("history.journal", { who, when, sequence: change.sequence })}</p>;
}
