import type { Protocol, ProtocolChoice, ProtocolStep } from "@schema";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { Beat } from "@/screens/answer/Beat";
import { Countdown } from "@/screens/answer/Countdown";
import styles from "@/screens/answer/Question.module.css";
import { langOf, useScript } from "@/screens/answer/script";
import { useKeys } from "@/shell/keys";
import { Badge, Button, classes } from "@/ui";

export interface QuestionProps {
  protocol: Protocol;
  step: ProtocolStep;
  /** When the centre asked it. */
  askedAt: string | null;
  /** The press that led here has not come back yet. */
  onItsWay: boolean;
  /** Seen for long enough to be answered. */
  isOpen: boolean;
  /** A key came before that, and did nothing. */
  isHasty: boolean;
  onAnswer: (choice: ProtocolChoice, pressed_ms: number) => void;
  /** Missing: nothing was answered yet. */
  onBack?: (pressed_ms: number) => void;
}

function Answers({ step, isOpen, onAnswer }: Pick<QuestionProps, "step" | "isOpen" | "onAnswer">) {
  const { t } = useTranslation("answer");
  const { language, own } = useScript();
  useKeys(
    t("question.keys"),
    step.answers.map((choice) => ({
      keys: choice.key,
      text: choice.text[own],
      run: (pressed_ms) => onAnswer(choice, pressed_ms),
    })),
  );
  return (
    <div className={styles.answers} role="group" aria-label={t("question.answers")} data-open={isOpen || undefined}>
      {step.answers.map((choice) => (
        <button
          key={choice.answer}
          type="button"
          className={styles.answer}
          onClick={(event) => onAnswer(choice, event.timeStamp)}
        >
          <span className={styles.key} aria-hidden="true">
            {choice.key.toUpperCase()}
          </span>
          <span className={styles.answerText}>
            {choice.text[own]}
            {language === own ? null : (
              <span className={styles.other} lang={langOf(language)}>
                {choice.text[language]}
              </span>
            )}
          </span>
        </button>
      ))}
    </div>
  );
}

/** One thing to say, large, and the answers to it. */
export function Question(props: QuestionProps) {
  const { protocol, step, askedAt, onItsWay, isOpen, isHasty, onAnswer, onBack } = props;
  const { t } = useTranslation("answer");
  const { language, own, toggle } = useScript();
  useKeys(t("title"), [{ keys: "l", text: t("question.language"), run: toggle }]);
  const instruction = step.kind === "instruction";
  const section = useRef<HTMLElement>(null);
  // An answer that was clicked is gone with its question: the focus goes to the next one.
  const answer = (choice: ProtocolChoice, pressed_ms: number) => {
    if (section.current?.contains(document.activeElement)) section.current.focus();
    onAnswer(choice, pressed_ms);
  };
  return (
    <section
      ref={section}
      tabIndex={-1}
      className={classes(styles.question, instruction && styles.instruction)}
      aria-label={t("question.label")}
    >
      <header className={styles.head}>
        <Badge tone={instruction ? "warn" : "accent"}>
          {t(instruction ? "question.instruction" : "question.question")}
        </Badge>
        <span className={styles.protocol}>{protocol.title[own]}</span>
        <span className={classes(styles.sent, isHasty && styles.hasty)} role="status">
          {isHasty ? t("question.hasty") : onItsWay ? t("question.sent") : ""}
        </span>
        {onBack ? (
          <Button size="small" kind="quiet" hint="Backspace" onPress={() => onBack(performance.now())}>
            {t("question.back")}
          </Button>
        ) : null}
        <Button size="small" kind="quiet" hint="l" onPress={toggle}>
          {t(language === "zh" ? "question.inChinese" : "question.inEnglish")}
        </Button>
      </header>
      <div className={styles.scroll}>
        <div className={styles.say}>
          <p className={styles.words} lang={langOf(language)} aria-live="polite">
            {step.say[language]}
          </p>
          {step.timer_s || step.metronome ? (
            <div className={styles.instruments}>
              {step.timer_s ? <Countdown since={askedAt} every_s={step.timer_s} /> : null}
              {step.metronome ? <Beat beats={step.metronome} /> : null}
            </div>
          ) : null}
        </div>
        {step.note ? (
          <p className={styles.note}>
            <span className={styles.noteWord}>{t("question.note")}</span> {step.note[own]}
          </p>
        ) : null}
        <p className={styles.source}>
          {t("question.source", { source: step.source })} · {t("question.signOff")}
        </p>
      </div>
      <Answers key={`${protocol.number}.${step.step}`} step={step} isOpen={isOpen} onAnswer={answer} />
    </section>
  );
}
