import { useEffect } from "react";
import { IncidentList, useNeedList } from "@/screens/dispatch/IncidentList";
import { IncidentPanel } from "@/screens/dispatch/IncidentPanel";
import styles from "@/screens/dispatch/index.module.css";
import { QuestionDialog } from "@/screens/dispatch/QuestionDialog";
import { useQueryId } from "@/shell/router";

export default function DispatchScreen() {
  const ids = useNeedList();
  const [selected, select] = useQueryId("incident");
  const first = ids[0];
  useEffect(() => {
    if (selected === null && first !== undefined) select(first);
  }, [selected, first, select]);
  return (
    <div className={styles.screen}>
      <div className={styles.columns}>
        <IncidentList ids={ids} selected={selected} onSelect={select} />
        <IncidentPanel id={selected} />
      </div>
      <QuestionDialog />
    </div>
  );
}
