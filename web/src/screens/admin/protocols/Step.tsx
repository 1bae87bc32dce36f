import type { Protocol, ProtocolChoice, ProtocolStep, ProtocolSummary } from "@schema";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { useLabel } from "@/i18n/labels";
import styles from "@/screens/admin/protocols/Protocols.module.css";

export interface StepProps {
  protocol: Protocol;
  step: ProtocolStep;
  /** For the titles of other protocols that answers lead to. */
  others: readonly ProtocolSummary[];
}

function useEffects(): (choice: ProtocolChoice) => string {
  const { t } = useTranslation("admin");
  const label = useLabel();
  return (choice) =>
    [
      choice.raise ? t("protocol.raise", { priority: label("priority", choice.raise) }) : "",
      choice.set ? t("protocol.set", { priority: label("priority", choice.set) }) : "",
      choice.needs.length > 0
        ? t("protocol.needs", { list: choice.needs.map((need) => label("need_set", need)).join(", ") })
        : "",
      choice.units ? t("protocol.units", { units: choice.units }) : "",
      ...choice.marks.map((mark) => label("triage_mark", mark)),
      choice.ready ? t("protocol.ready") : "",
    ]
      .filter(Boolean)
      .join(" · ");
}

/** One step as the call-taker has it, in both languages. */
export function Step({ protocol, step, others }: StepProps) {
  const { t, i18n } = useTranslation("admin");
  const format = useFormat();
  const effects = useEffects();
  const own = i18n.language === "en" ? "en" : "zh";
  const where = (choice: ProtocolChoice) => {
    if (!choice.to) return t("protocol.end");
    const { protocol: number, step: at } = choice.to;
    if (number === protocol.number) return t("protocol.toStep", { step: at });
    const title = others.find((other) => other.number === number)?.title[own] ?? String(number);
    return t("protocol.toProtocol", { title, step: at });
  };
  const timing = [
    step.timer_s ? t("protocol.timer", { time: format.duration(step.timer_s) }) : "",
    step.metronome ? t("protocol.metronome", { beats: step.metronome }) : "",
  ].filter(Boolean);
  return (
    <li className={styles.step}>
      <p className={styles.stepHead}>
        <strong>{step.step}</strong> {t(`protocol.kind.${step.kind}`)} <code>{step.name}</code>
        {step.step === protocol.entry ? <span>{t("protocol.entry")}</span> : null}
        {timing.map((one) => (
          <span key={one}>{one}</span>
        ))}
      </p>
      <div className={styles.both}>
        <p lang="zh-CN">{step.say.zh}</p>
        <p lang="en">{step.say.en}</p>
      </div>
      {step.note ? (
        <div className={`${styles.both} ${styles.aside}`}>
          <p lang="zh-CN">
            {t("protocol.note")} {step.note.zh}
          </p>
          <p lang="en">
            {t("protocol.note")} {step.note.en}
          </p>
        </div>
      ) : null}
      <ol className={styles.answers}>
        {step.answers.map((choice) => (
          <li key={choice.answer}>
            <kbd>{choice.key}</kbd>
            <span lang="zh-CN">{choice.text.zh}</span>
            <span lang="en">{choice.text.en}</span>
            <span className={styles.to}>
              → {where(choice)}
              <span className={styles.note}>{effects(choice)}</span>
            </span>
          </li>
        ))}
      </ol>
      <p className={styles.note}>{t("protocol.source", { source: step.source })}</p>
    </li>
  );
}
