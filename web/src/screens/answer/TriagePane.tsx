import type { Call, ProtocolSummary } from "@schema";
import { type RefObject, useEffect, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { AnswerHistory } from "@/screens/answer/AnswerHistory";
import { ByHandForm } from "@/screens/answer/ByHandForm";
import type { ByHand, Decision } from "@/screens/answer/decision";
import { ProtocolChooser } from "@/screens/answer/ProtocolChooser";
import { arrestStep, loadProtocol, protocolStore, stepOf, textOf } from "@/screens/answer/protocols";
import { Question } from "@/screens/answer/Question";
import styles from "@/screens/answer/Triage.module.css";
import type { AnswerLog } from "@/screens/answer/useAnswers";
import type { TriageHandle } from "@/screens/answer/useTriage";
import { useKeys } from "@/shell/keys";
import { Badge, Button, Empty } from "@/ui";

export interface TriagePaneProps {
  call: Call;
  triage: TriageHandle;
  log: AnswerLog;
  decision: Decision;
  hand: ByHand;
  onHand: (hand: ByHand) => void;
  chooserRef: RefObject<HTMLInputElement | null>;
  byHand: boolean;
  onByHand: (open: boolean) => void;
}

function Standing({ call, triage }: { call: Call; triage: TriageHandle }) {
  const { t } = useTranslation("answer");
  const { stand, ahead } = triage;
  const protocol = useStore(protocolStore, (store) => stand && textOf(store, stand.protocol, stand.version));
  useEffect(() => {
    if (stand && stand.version > 0) void loadProtocol(stand.protocol, stand.version);
  }, [stand]);
  if (stand?.step === null) return <Empty title={t("triage.ended")}>{t("triage.endedText")}</Empty>;
  const step = stepOf(protocol ?? undefined, stand?.step ?? null);
  if (!protocol || !step) return <Empty title={t("triage.loading")} />;
  return (
    <Question
      protocol={protocol}
      step={step}
      askedAt={ahead.length > 0 ? null : (call.triage?.asked_at ?? null)}
      onItsWay={ahead.length > 0}
      isOpen={triage.isOpen}
      isHasty={triage.isHasty}
      onAnswer={triage.answer}
      onBack={triage.mayGoBack ? triage.back : undefined}
    />
  );
}

/** Whether protocols can be used, and what is wrong with them if they cannot. */
function PackageNote() {
  const { t } = useTranslation("answer");
  const { list, problem } = useStore(protocolStore);
  if (problem) return <p className={styles.warning}>{t("triage.noProtocols")}</p>;
  if (list && list.items.length === 0) return <p className={styles.warning}>{t("triage.noneLoaded")}</p>;
  if (list?.package.signature === "refused")
    return <p className={styles.warning}>{t("triage.refused", { why: list.package.why ?? "" })}</p>;
  if (list?.package.signature === "unsigned") return <p className={styles.small}>{t("triage.unsigned")}</p>;
  return null;
}

/** Protocol, questions and instructions; or the decision by hand. */
export function TriagePane(props: TriagePaneProps) {
  const { call, triage, log, decision, hand, onHand, chooserRef, byHand, onByHand } = props;
  const { t } = useTranslation("answer");
  const store = useStore(protocolStore);
  const items = store.list?.items ?? [];
  const arrest = arrestStep(store);
  const [choosing, setChoosing] = useState(false);
  const { stand } = triage;
  const closed = call.state === "closed";
  const usable = items.length > 0 && !closed;
  const onlyByHand = !closed && !usable && (store.list !== null || store.problem !== null);
  const chooser = usable && !byHand && (stand === null || choosing);

  const begin = (protocol: ProtocolSummary, pressed_ms: number) => {
    setChoosing(false);
    chooserRef.current?.blur();
    const entry = store.texts[`${protocol.number}.${protocol.version}`]?.entry ?? 0;
    triage.begin(protocol.number, entry, pressed_ms);
  };
  const notAwake = (pressed_ms: number) => {
    if (!arrest) return;
    setChoosing(false);
    onByHand(false);
    chooserRef.current?.blur();
    triage.begin(arrest.protocol, arrest.step, pressed_ms);
  };
  // The field has the focus before the next key is heard: what is typed at once is searched for, and answers no question.
  const choose = () => {
    flushSync(() => {
      onByHand(false);
      setChoosing(true);
    });
    chooserRef.current?.focus();
  };
  const toggleHand = () => onByHand(!byHand);
  useKeys(t("title"), [
    { keys: "0", text: t("triage.notAwake"), run: notAwake, disabled: !arrest || closed },
    { keys: "F4", text: t("triage.notAwake"), run: notAwake, disabled: !arrest || closed },
    { keys: "Backspace", text: t("question.back"), run: triage.back, disabled: !triage.mayGoBack },
    { keys: "p", text: t("triage.other"), run: choose, disabled: !usable },
    { keys: "h", text: t("hand.title"), run: toggleHand, disabled: closed },
  ]);

  return (
    <section className={styles.pane} aria-label={t("triage.label")}>
      <header className={styles.bar}>
        <h2 className={styles.title}>{t("triage.label")}</h2>
        <AnswerHistory given={log.given} ahead={triage.ahead} />
        <span className={styles.tools}>
          {usable && (stand !== null || byHand) ? (
            <Button size="small" kind="quiet" hint="p" onPress={choose}>
              {t("triage.other")}
            </Button>
          ) : null}
          {usable ? (
            <Button size="small" kind="quiet" hint="h" onPress={toggleHand} aria-pressed={byHand}>
              {t("hand.title")}
            </Button>
          ) : null}
          <Button
            size="small"
            kind="danger"
            hint="0"
            isDisabled={!arrest || closed}
            onPress={() => notAwake(performance.now())}
          >
            {t("triage.notAwake")}
          </Button>
        </span>
      </header>
      <div className={styles.body}>
        {onlyByHand ? <PackageNote /> : null}
        {byHand || onlyByHand ? (
          <ByHandForm decision={decision} hand={hand} onChange={onHand} />
        ) : chooser ? (
          <>
            <ProtocolChooser
              items={items}
              onChoose={begin}
              onNotAwake={notAwake}
              fieldRef={chooserRef}
              onLeave={() => setChoosing(false)}
            />
            <PackageNote />
          </>
        ) : stand ? (
          <Standing call={call} triage={triage} />
        ) : closed ? (
          <Empty title={t("triage.closed")} />
        ) : (
          <Empty title={t("triage.loading")} />
        )}
        {call.triage?.marks.includes("scene_unsafe") ? <Badge tone="bad">⚠ {t("triage.unsafe")}</Badge> : null}
      </div>
    </section>
  );
}
