import type { ProtocolPackage } from "@schema";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import styles from "@/screens/admin/protocols/Protocols.module.css";
import { Badge } from "@/ui";

const TONES: Record<string, "ok" | "warn" | "bad"> = { valid: "ok", unsigned: "warn", refused: "bad" };

/** Which package is in use, and whether its signature holds. */
export function Package({ told }: { told: ProtocolPackage }) {
  const { t } = useTranslation("admin");
  const format = useFormat();
  return (
    <div className={styles.package}>
      <p>
        <Badge tone={TONES[told.signature] ?? "warn"}>{t(`protocol.signature.${told.signature}`)}</Badge>{" "}
        {told.version === null ? t("protocol.noPackage") : t("protocol.package", { version: told.version })}
      </p>
      {told.signed_by ? (
        <p>{t("protocol.signedBy", { name: told.signed_by, when: format.date(told.signed_at) })}</p>
      ) : null}
      <p className={styles.note}>{t(`protocol.signatureText.${told.signature}`)}</p>
      {told.why ? (
        <p lang="en" className={styles.note}>
          {told.why}
        </p>
      ) : null}
    </div>
  );
}
