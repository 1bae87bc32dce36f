import type { Incident, UnitCandidate } from "@schema";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { useProblemWords } from "@/api/wording";
import { useFetchedEntity } from "@/live/fetch";
import { useHand } from "@/live/hand";
import { Actions } from "@/screens/dispatch/Actions";
import { IncidentHead } from "@/screens/dispatch/IncidentHead";
import styles from "@/screens/dispatch/IncidentPanel.module.css";
import { type Perform, usePerform } from "@/screens/dispatch/perform";
import { Recommendation, SHOWN_MAX } from "@/screens/dispatch/Recommendation";
import { RefusalNote } from "@/screens/dispatch/RefusalNote";
import { useUnitsRecommended } from "@/screens/dispatch/recommendation";
import { dispatchStore } from "@/screens/dispatch/store";
import { useKeys } from "@/shell/keys";
import { Empty } from "@/ui/Empty";
import { Panel } from "@/ui/Panel";

function Standing({ incident, perform }: { incident: Incident; perform: Perform }) {
  const { t } = useTranslation("dispatch");
  const pending = useStore(dispatchStore, (store) => store.pending);
  const { value, problem } = useUnitsRecommended(incident);
  const words = useProblemWords();
  const candidates = value?.candidates ?? [];
  const send = (candidate: UnitCandidate | undefined) => {
    if (!candidate?.unit || !value) return;
    void perform({ what: "send", incident: incident.id, unit: candidate.unit, revision: value.incident_revision });
  };
  const accept = () => send(candidates[0]);
  useKeys(t("keys.recommendation"), [
    { keys: "Enter", text: t("keys.accept"), run: accept, disabled: candidates.length === 0 },
    { keys: "a", text: t("keys.accept"), run: accept, disabled: candidates.length === 0 },
    ...Array.from({ length: SHOWN_MAX }, (_, index) => ({
      keys: String(index + 1),
      text: t("keys.candidate", { number: index + 1 }),
      run: () => send(candidates[index]),
      disabled: candidates[index] === undefined,
    })),
  ]);
  if (problem) return <p className={styles.text}>{words(problem).title}</p>;
  if (!value)
    return (
      <p className={styles.text}>{t(incident.state === "recommended" ? "loading" : `standing.${incident.state}`)}</p>
    );
  return <Recommendation incident={incident} recommended={value} pending={pending} onSend={send} />;
}

/** The middle: the incident that is worked on. */
export function IncidentPanel({ id }: { id: number | null }) {
  const { t } = useTranslation("dispatch");
  const { entity: incident, problem } = useFetchedEntity("incidents", id);
  const perform = usePerform();
  const words = useProblemWords();
  useHand("incident", id);
  const nothing = problem ? words(problem).title : t(id === null ? "panel.none" : "loading");
  return (
    <Panel title={t("panel.title")}>
      <RefusalNote perform={perform} />
      {incident ? (
        <>
          <IncidentHead incident={incident} />
          <Actions incident={incident} mission={incident.missions[0]} perform={perform} />
          <Standing incident={incident} perform={perform} />
        </>
      ) : (
        <Empty title={nothing}>{t("panel.noneText")}</Empty>
      )}
    </Panel>
  );
}
