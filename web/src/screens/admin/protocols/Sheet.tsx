import type { Protocol, ProtocolSummary } from "@schema";
import { useTranslation } from "react-i18next";
import styles from "@/screens/admin/protocols/Protocols.module.css";
import { Step } from "@/screens/admin/protocols/Step";

/** A protocol to read or to print. */
export function Sheet({ protocol, others }: { protocol: Protocol; others: readonly ProtocolSummary[] }) {
  const { t } = useTranslation("admin");
  return (
    // It scrolls: the keyboard must get there.
    <article className={styles.sheet} tabIndex={0} aria-label={`${protocol.title.zh} ${protocol.title.en}`}>
      <h3 className={styles.title}>
        <span lang="zh-CN">{protocol.title.zh}</span> <span lang="en">{protocol.title.en}</span>
      </h3>
      <p className={styles.note}>
        {t("protocol.about", { number: protocol.number, version: protocol.version, key: protocol.key })}
      </p>
      <p className={styles.signOff}>
        {t("protocol.signOff")} <span lang="en">{protocol.sign_off}</span>
      </p>
      <p className={styles.note}>
        {t("protocol.words")} <span lang="zh-CN">{protocol.words.zh.join("、")}</span>{" "}
        <span lang="en">{protocol.words.en.join(", ")}</span>
      </p>
      <ol className={styles.steps}>
        {protocol.steps.map((step) => (
          <Step key={step.step} protocol={protocol} step={step} others={others} />
        ))}
      </ol>
    </article>
  );
}
