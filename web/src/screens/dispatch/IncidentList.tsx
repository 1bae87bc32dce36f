import type { Alarm, Incident } from "@schema";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { useCount, useIds, useSelected } from "@/live/hooks";
import { entityOf } from "@/live/state";
import { Chips } from "@/screens/dispatch/Chips";
import styles from "@/screens/dispatch/IncidentList.module.css";
import { IncidentRow } from "@/screens/dispatch/IncidentRow";
import { alarmedIncidents, byNeed, FILTERS, type Filter, isWaiting, passes } from "@/screens/dispatch/need";
import { dispatchStore } from "@/screens/dispatch/store";
import { useKeys } from "@/shell/keys";
import { Empty } from "@/ui/Empty";
import { KeyHint } from "@/ui/KeyHint";
import { Panel } from "@/ui/Panel";
import { VirtualList } from "@/ui/VirtualList";

const NONE: readonly number[] = [];
const ROW_HEIGHT = 60;
const incidentOfMission = (id: number) => entityOf("missions", id)?.incident;
const pickAlarmed = (alarms: Iterable<Alarm>) => [...alarmedIncidents(alarms, incidentOfMission)].sort((a, b) => a - b);

/** The list in order of need, by the filter that stands. */
export function useNeedList(): readonly number[] {
  const filter = useStore(dispatchStore, (store) => store.filter);
  const alarmed = useSelected("alarms", pickAlarmed);
  const wanted = filter === "alarms" ? alarmed : NONE;
  const selection = useMemo(() => {
    const set = new Set(wanted);
    return { where: (incident: Incident) => passes(incident, filter, set), order: byNeed };
  }, [filter, wanted]);
  return useIds("incidents", selection);
}

function Filters() {
  const { t } = useTranslation("dispatch");
  const filter = useStore(dispatchStore, (store) => store.filter);
  const choose = (fresh: Filter) => dispatchStore.setState({ filter: fresh });
  return (
    <Chips
      label={t("filter.label")}
      values={FILTERS}
      chosen={filter}
      text={(one) => t(`filter.${one}`)}
      onChoose={choose}
    >
      <KeyHint keys="f" />
    </Chips>
  );
}

function Nothing() {
  const { t } = useTranslation("dispatch");
  const filter = useStore(dispatchStore, (store) => store.filter);
  return <Empty title={t(`nothing.${filter}`)}>{t("nothing.text")}</Empty>;
}

export interface IncidentListProps {
  ids: readonly number[];
  selected: number | null;
  onSelect: (id: number) => void;
}

export function IncidentList({ ids, selected, onSelect }: IncidentListProps) {
  const { t } = useTranslation("dispatch");
  const waiting = useCount("incidents", isWaiting);
  const move = (by: number) => {
    const at = selected === null ? -1 : ids.indexOf(selected);
    const to = ids[Math.min(Math.max(at + by, 0), ids.length - 1)];
    if (to !== undefined) onSelect(to);
  };
  useKeys(t("keys.list"), [
    { keys: "ArrowDown", text: t("keys.down"), run: () => move(1) },
    { keys: "ArrowUp", text: t("keys.up"), run: () => move(-1) },
    {
      keys: "f",
      text: t("keys.filter"),
      run: () =>
        dispatchStore.setState(({ filter }) => ({
          filter: FILTERS[(FILTERS.indexOf(filter) + 1) % FILTERS.length] ?? "all",
        })),
    },
  ]);
  return (
    <Panel title={t("list.title")} count={t("list.count", { waiting, count: ids.length })} className={styles.panel}>
      <Filters />
      <div className={styles.list}>
        <VirtualList
          label={t("list.title")}
          ids={ids}
          rowHeight={ROW_HEIGHT}
          selected={selected}
          onSelect={onSelect}
          row={(id) => <IncidentRow id={id} />}
          empty={<Nothing />}
        />
      </div>
    </Panel>
  );
}
