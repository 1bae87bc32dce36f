import { useCallback, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { PrintBoard } from "@/board/PrintBoard";
import { DeskBar } from "@/screens/dispatch/DeskBar";
import { IncidentList, useNeedList } from "@/screens/dispatch/IncidentList";
import { IncidentPanel } from "@/screens/dispatch/IncidentPanel";
import styles from "@/screens/dispatch/index.module.css";
import { CommandLine } from "@/screens/dispatch/line/CommandLine";
import { LineHelp } from "@/screens/dispatch/line/LineHelp";
import { usePerform } from "@/screens/dispatch/perform";
import { QuestionDialog } from "@/screens/dispatch/QuestionDialog";
import { Side } from "@/screens/dispatch/Side";
import { dispatchStore } from "@/screens/dispatch/store";
import { useCoach } from "@/screens/dispatch/useCoach";
import { useDesks } from "@/screens/dispatch/useDesk";
import { goNext, useWish } from "@/screens/dispatch/useWish";
import { guideStore } from "@/shell/guide";
import { useKeys } from "@/shell/keys";
import { setQuery, useQueryId } from "@/shell/router";

export default function DispatchScreen() {
  const { t } = useTranslation("dispatch");
  const ids = useNeedList();
  const [selected] = useQueryId("incident");
  const select = useCallback((incident: number) => setQuery({ incident, mission: null }), []);
  const perform = usePerform();
  const desks = useDesks();
  const map = useStore(dispatchStore, (store) => store.map);
  const guided = useStore(guideStore, (guide) => guide.steps.length > 0 && !guide.dismissed);
  const wish = useWish(perform, ids, selected, select);
  useCoach(desks);
  const first = ids[0];
  useEffect(() => {
    if (selected === null && first !== undefined) select(first);
  }, [selected, first, select]);
  useKeys(t("keys.list"), [{ keys: "n", text: t("keys.next"), run: () => goNext(ids, selected, select) }]);
  return (
    <div className={styles.screen}>
      <div className={styles.columns} data-map={map || undefined}>
        <IncidentList ids={ids} selected={selected} onSelect={select} />
        <IncidentPanel id={selected} perform={perform} />
        <Side selected={selected} onSelect={select} perform={perform} />
      </div>
      <div className={styles.bottom} data-guided={guided || undefined}>
        <CommandLine selected={selected} onWish={wish} />
        <DeskBar desks={desks} />
        <PrintBoard />
      </div>
      <QuestionDialog />
      <LineHelp />
    </div>
  );
}
