import type { Call, Point } from "@schema";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFetchedEntity } from "@/live/fetch";
import { useHand } from "@/live/hand";
import { CallerCard } from "@/screens/answer/CallerCard";
import { CallHead } from "@/screens/answer/CallHead";
import { CloseDialog } from "@/screens/answer/CloseDialog";
import { readRemarks } from "@/screens/answer/callerWords";
import styles from "@/screens/answer/Desk.module.css";
import { type ByHand, decisionOf, NOTHING_BY_HAND } from "@/screens/answer/decision";
import { EarlierList } from "@/screens/answer/EarlierList";
import { Going } from "@/screens/answer/Going";
import { HandBar } from "@/screens/answer/HandBar";
import { NearbyList } from "@/screens/answer/NearbyList";
import { isTalking } from "@/screens/answer/need";
import { PlaceBox } from "@/screens/answer/PlaceBox";
import { PlaceMap } from "@/screens/answer/PlaceMap";
import side from "@/screens/answer/Side.module.css";
import { TriagePane } from "@/screens/answer/TriagePane";
import { useAnswers } from "@/screens/answer/useAnswers";
import { useCaller } from "@/screens/answer/useCaller";
import { useTriage } from "@/screens/answer/useTriage";
import { useDraft } from "@/shell/drafts";
import { notify } from "@/shell/notices";

export interface DeskProps {
  call: Call;
  near: Point | null;
  onNext: () => void;
}

/** The call that one speaks with; mount it anew for another. */
export function Desk({ call, near, onNext }: DeskProps) {
  const { t } = useTranslation("answer");
  useHand("call", call.id);
  const caller = useCaller(call);
  const log = useAnswers(call);
  const triage = useTriage(call, log.given);
  const { entity: incident } = useFetchedEntity("incidents", call.incident);
  const [hand, setHand] = useDraft<ByHand>(`call.${call.id}.hand`, NOTHING_BY_HAND);
  const [byHand, setByHand] = useState(false);
  const [closing, setClosing] = useState(false);
  const placeRef = useRef<HTMLInputElement>(null);
  const chooserRef = useRef<HTMLInputElement>(null);
  const notesRef = useRef<HTMLTextAreaElement>(null);
  const words = caller.caller ? readRemarks(caller.caller.remarks) : null;
  const decision = decisionOf(call, hand);

  const begun = useRef({ located: call.point !== null, triage: call.triage !== null });
  useEffect(() => {
    const field = begun.current.located ? chooserRef.current : placeRef.current;
    if (!begun.current.triage) field?.focus();
  }, []);
  const onMissing = (what: "place" | "priority") => {
    notify({ tone: "warn", text: t(what === "place" ? "missing.place" : "missing.priority") });
    if (what === "place") placeRef.current?.focus();
    else chooserRef.current?.focus();
  };
  const onPicked = () => chooserRef.current?.focus();
  const onRefused = () => {
    const chooser = chooserRef.current;
    if (chooser && document.activeElement === chooser && chooser.value === "") placeRef.current?.focus();
  };

  return (
    <>
      <div className={styles.desk}>
        <section className={styles.top} aria-label={t("head.label")}>
          <CallHead call={call} log={log} number={caller.caller?.number ?? ""} />
          <CallerCard call={call} handle={caller} words={words} notesRef={notesRef} />
          <PlaceBox
            call={call}
            words={words}
            near={near}
            fieldRef={placeRef}
            onPicked={onPicked}
            onRefused={onRefused}
          />
        </section>
        <TriagePane
          call={call}
          triage={triage}
          log={log}
          decision={decision}
          hand={hand}
          onHand={setHand}
          chooserRef={chooserRef}
          byHand={byHand}
          onByHand={setByHand}
        />
        <HandBar
          call={call}
          incident={incident}
          hand={hand}
          onHand={setHand}
          onMissing={onMissing}
          onNext={onNext}
          onClose={() => setClosing(true)}
        />
      </div>
      <div className={side.column}>
        {call.incident === null ? null : <Going incident={incident} />}
        <PlaceMap call={call} />
        <NearbyList call={call} />
        <EarlierList call={call} />
      </div>
      <CloseDialog call={call} isOpen={closing && isTalking(call)} onClose={() => setClosing(false)} />
    </>
  );
}
