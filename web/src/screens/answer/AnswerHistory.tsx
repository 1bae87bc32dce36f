import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import type { Given, Sent } from "@/screens/answer/ahead";
import { protocolStore, stepOf, textOf } from "@/screens/answer/protocols";
import { useScript } from "@/screens/answer/script";
import styles from "@/screens/answer/Triage.module.css";

function Line({ given, sent }: { given: Given; sent?: boolean }) {
  const { t } = useTranslation("answer");
  const { own } = useScript();
  const text = useStore(protocolStore, (store) => textOf(store, given.protocol, given.version));
  const step = stepOf(text, given.step);
  const answer = step?.answers.find((one) => one.answer === given.answer);
  if (given.answer === 0) return <li className={styles.began}>{text?.title[own] ?? given.protocol}</li>;
  return (
    <li className={styles.given} title={step?.say[own]}>
      <span className={styles.mark} aria-hidden="true">
        {sent ? "…" : "✓"}
      </span>
      <span>{answer?.text[own] ?? t("history.unknown", { step: given.step, answer: given.answer })}</span>
      <span className="visually-hidden">{sent ? t("question.sent") : ""}</span>
    </li>
  );
}

/** What was answered, in order; those on their way are marked. */
export function AnswerHistory({ given, ahead }: { given: readonly Given[]; ahead: readonly Sent[] }) {
  const { t } = useTranslation("answer");
  const onTheWay = ahead.flatMap((one) => (one.given ? [one.given] : []));
  // What has come back by the stream may still be open as a request.
  const newest = given.slice(-onTheWay.length || given.length);
  const known = (one: Given) => newest.some((other) => other.step === one.step && other.protocol === one.protocol);
  const pending = onTheWay.filter((one) => !known(one));
  if (given.length + pending.length === 0) return null;
  return (
    <ol className={styles.history} aria-label={t("history.label")}>
      {given.map((one, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: an answer is its place in the order; the same may be given twice
        <Line key={index} given={one} />
      ))}
      {pending.map((one) => (
        <Line key={`${one.protocol}.${one.step}`} given={one} sent />
      ))}
    </ol>
  );
}
