import type { Incident } from "@schema";
import { useTranslation } from "react-i18next";
import { useProblemWords } from "@/api/wording";
import { useFetchedEntity } from "@/live/fetch";
import { useHand } from "@/live/hand";
import { useEntity } from "@/live/hooks";
import { entityOf } from "@/live/state";
import { Actions } from "@/screens/dispatch/Actions";
import { Destination } from "@/screens/dispatch/Destination";
import { IncidentAlarms } from "@/screens/dispatch/IncidentAlarms";
import { IncidentHead } from "@/screens/dispatch/IncidentHead";
import { Missions } from "@/screens/dispatch/Missions";
import type { Perform } from "@/screens/dispatch/perform";
import { RefusalNote } from "@/screens/dispatch/RefusalNote";
import { Standing } from "@/screens/dispatch/Standing";
import { useKeys } from "@/shell/keys";
import { useQueryId } from "@/shell/router";
import { Empty } from "@/ui/Empty";
import { Panel } from "@/ui/Panel";

type Short = Incident["missions"][number];

/** The mission that is chosen, else one that asks where to, else the first. */
function atHand(missions: readonly Short[], chosen: number | null): Short | undefined {
  const asks = ({ id }: Short) => {
    const mission = entityOf("missions", id);
    return mission !== undefined && mission.facility === null && mission.recommended.length > 0;
  };
  return missions.find(({ id }) => id === chosen) ?? missions.find(asks) ?? missions[0];
}

function Shown({ incident, perform }: { incident: Incident; perform: Perform }) {
  const { t } = useTranslation("dispatch");
  const [chosen, choose] = useQueryId("mission");
  const { missions } = incident;
  const current = atHand(missions, chosen);
  const mission = useEntity("missions", current?.id);
  const next = missions[(missions.findIndex(({ id }) => id === current?.id) + 1) % missions.length];
  useKeys(t("keys.acts"), [
    { keys: "t", text: t("keys.nextMission"), run: () => next && choose(next.id), disabled: missions.length < 2 },
  ]);
  const asks = mission !== undefined && mission.facility === null && mission.recommended.length > 0;
  return (
    <>
      <IncidentHead incident={incident} />
      <IncidentAlarms incident={incident} />
      <Actions incident={incident} mission={current} perform={perform} />
      <Missions incident={incident} atHand={current?.id} onChoose={choose} />
      {asks ? <Destination mission={mission} keyed={incident.state !== "recommended"} perform={perform} /> : null}
      <Standing incident={incident} perform={perform} />
    </>
  );
}

/** The middle: the incident that is worked on. */
export function IncidentPanel({ id, perform }: { id: number | null; perform: Perform }) {
  const { t } = useTranslation("dispatch");
  const { entity: incident, problem } = useFetchedEntity("incidents", id);
  const words = useProblemWords();
  useHand("incident", id);
  const nothing = problem ? words(problem).title : t(id === null ? "panel.none" : "loading");
  return (
    <Panel title={t("panel.title")}>
      <RefusalNote perform={perform} />
      {incident ? (
        <Shown incident={incident} perform={perform} />
      ) : (
        <Empty title={nothing}>{t("panel.noneText")}</Empty>
      )}
    </Panel>
  );
}
