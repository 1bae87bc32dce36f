import type { Protocol } from "@schema";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { get } from "@/api/client";
import { asProblem, type Problem } from "@/api/problem";
import { Part } from "@/screens/admin/parts/Record";
import { Refusal } from "@/screens/admin/parts/Refusal";
import { differences } from "@/screens/admin/protocols/differences";
import styles from "@/screens/admin/protocols/Protocols.module.css";
import { Select } from "@/ui";

/** What an older version said otherwise. */
export function Compare({ protocol }: { protocol: Protocol }) {
  const { t } = useTranslation("admin");
  const [version, setVersion] = useState<string | null>(null);
  const [older, setOlder] = useState<Protocol | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    setOlder(null);
    setProblem(null);
    if (version === null) return undefined;
    const abort = new AbortController();
    get<Protocol>(`/api/v1/protocols/${protocol.number}?version=${version}`, { signal: abort.signal }).then(
      setOlder,
      (thrown) => abort.signal.aborted || setProblem(asProblem(thrown)),
    );
    return () => abort.abort();
  }, [version, protocol.number]);
  if (protocol.version <= 1) return <p className={styles.note}>{t("protocol.firstVersion")}</p>;
  const versions = Array.from({ length: protocol.version - 1 }, (_, index) => String(protocol.version - 1 - index));
  const found = older ? differences(older, protocol) : [];
  return (
    <Part title={t("protocol.compare")}>
      <Select
        label={t("protocol.olderVersion")}
        choices={versions.map((one) => ({ value: one, text: t("protocol.version", { version: one }) }))}
        value={version}
        onChange={setVersion}
        placeholder={t("protocol.chooseVersion")}
      />
      {problem?.status === 404 ? <p className={styles.note}>{t("protocol.notKept")}</p> : <Refusal problem={problem} />}
      {older && found.length === 0 ? <p>{t("protocol.noDifference")}</p> : null}
      {found.length > 0 ? (
        <table className={styles.differences}>
          <thead>
            <tr>
              <th scope="col">{t("protocol.where")}</th>
              <th scope="col">{t("protocol.version", { version: older?.version ?? 0 })}</th>
              <th scope="col">{t("protocol.version", { version: protocol.version })}</th>
            </tr>
          </thead>
          <tbody>
            {found.map(({ step, answer, what, before, after }) => (
              <tr key={`${step}.${answer}.${what}`}>
                <th scope="row">
                  {[step, answer, what === "added" || what === "removed" ? t(`protocol.${what}`) : what]
                    .filter(Boolean)
                    .join(" / ")}
                </th>
                <td>{before ? <del>{before}</del> : "–"}</td>
                <td>{after ? <ins>{after}</ins> : "–"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : null}
    </Part>
  );
}
