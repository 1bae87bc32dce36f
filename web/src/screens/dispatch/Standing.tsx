import type { Incident, UnitCandidate } from "@schema";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { useProblemWords } from "@/api/wording";
import styles from "@/screens/dispatch/IncidentPanel.module.css";
import type { Perform } from "@/screens/dispatch/perform";
import { Recommendation, SHOWN_MAX } from "@/screens/dispatch/Recommendation";
import { useUnitsRecommended } from "@/screens/dispatch/recommendation";
import { dispatchStore } from "@/screens/dispatch/store";
import { useGone } from "@/screens/dispatch/usable";
import { useKeys } from "@/shell/keys";
import { notify } from "@/shell/notices";

const NOBODY: readonly UnitCandidate[] = [];

/** The recommendation that stands, or why none does. */
export function Standing({ incident, perform }: { incident: Incident; perform: Perform }) {
  const { t } = useTranslation("dispatch");
  const pending = useStore(dispatchStore, (store) => store.pending);
  const { value, problem } = useUnitsRecommended(incident);
  const words = useProblemWords();
  // Who was sent since has left the list, and the numbers move up: the line and the keys mean the same unit.
  const shown = useMemo(() => {
    const left = value?.candidates.filter(({ unit }) => unit !== null && incident.recommended.includes(unit));
    return value && left ? { ...value, candidates: left } : null;
  }, [value, incident.recommended]);
  const candidates = shown?.candidates ?? NOBODY;
  const gone = useGone(candidates);
  const best = candidates.find(({ unit }) => unit !== null && !gone.has(unit));
  const send = (candidate: UnitCandidate | undefined) => {
    if (!candidate?.unit || !shown) return;
    // As many as are missing may be sent without a word, the best first.
    const missing = incident.units_wanted - incident.units_assigned - incident.units_short;
    const better = candidates.slice(0, candidates.indexOf(candidate)).filter(({ unit }) => !gone.has(unit ?? 0));
    void perform({
      what: "send",
      incident: incident.id,
      unit: candidate.unit,
      asks: better.length >= missing,
      revision: shown.incident_revision,
    });
  };
  // Who presses twice means the unit that was first, and not the next one as well.
  const accept = () => {
    if (dispatchStore.getState().pending) notify({ tone: "warn", text: t("stillSending") });
    else send(best);
  };
  useKeys(t("keys.recommendation"), [
    { keys: "Enter", text: t("keys.accept"), run: accept, disabled: !best },
    { keys: "a", text: t("keys.accept"), run: accept, disabled: !best },
    ...Array.from({ length: SHOWN_MAX }, (_, index) => ({
      keys: String(index + 1),
      text: t("keys.candidate", { number: index + 1 }),
      run: () => send(candidates[index]),
      disabled: candidates[index] === undefined,
    })),
  ]);
  if (problem) return <p className={styles.text}>{words(problem).title}</p>;
  if (incident.state !== "recommended") return <p className={styles.text}>{t(`standing.${incident.state}`)}</p>;
  if (!shown) return <p className={styles.text}>{t("loading")}</p>;
  return (
    <Recommendation incident={incident} recommended={shown} best={best} gone={gone} pending={pending} onSend={send} />
  );
}
