import type { Call, Seat } from "@schema";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useCount, useIds } from "@/live/hooks";
import styles from "@/screens/answer/CallList.module.css";
import { CallRow } from "@/screens/answer/CallRow";
import { byNeed, isAbandoned, isRinging, isTalking, longestFirst } from "@/screens/answer/need";
import { Button, Empty, Panel, VirtualList } from "@/ui";

const ROW = 48;
const ABANDONED = { where: isAbandoned, order: longestFirst };

/** Calls that ring, and one's own that were put aside, in order of need. */
export function useWaiting(seat: Seat | null, open: number | null): readonly number[] {
  const own = seat?.id;
  const selection = useMemo(
    () => ({
      where: (call: Call) => isRinging(call) || (isTalking(call) && call.seat === own && call.id !== open),
      order: byNeed,
    }),
    [own, open],
  );
  return useIds("calls", selection);
}

export interface CallListProps {
  waiting: readonly number[];
  /** Answers it, calls it back, or takes it up again. */
  onTake: (id: number) => void;
  busy: boolean;
}

function CallBacks({ onTake, busy }: Omit<CallListProps, "waiting">) {
  const { t } = useTranslation("answer");
  const ids = useIds("calls", ABANDONED);
  const [selected, setSelected] = useState<number | null>(null);
  const first = ids[0];
  const tools = (
    <Button
      size="small"
      hint="F7"
      isDisabled={busy || first === undefined}
      onPress={() => first !== undefined && onTake(first)}
    >
      {t("callBack.next")}
    </Button>
  );
  return (
    <Panel title={t("callBack.title")} count={ids.length} tools={tools} className={styles.backs}>
      <VirtualList
        label={t("callBack.title")}
        ids={ids}
        rowHeight={ROW}
        selected={selected}
        onSelect={setSelected}
        onAct={onTake}
        row={(id) => <CallRow id={id} />}
        empty={<p className={styles.quiet}>{t("callBack.none")}</p>}
      />
    </Panel>
  );
}

export function CallList({ waiting, onTake, busy }: CallListProps) {
  const { t } = useTranslation("answer");
  const [selected, setSelected] = useState<number | null>(null);
  const talking = useCount("calls", isTalking);
  const first = waiting[0];
  const tools = (
    <Button
      size="small"
      kind={busy ? "normal" : "primary"}
      hint="F2"
      isDisabled={busy || first === undefined}
      onPress={() => first !== undefined && onTake(first)}
    >
      {t("list.next")}
    </Button>
  );
  return (
    <div className={styles.column}>
      <Panel title={t("list.title")} count={waiting.length} tools={tools} className={styles.waiting}>
        <VirtualList
          label={t("list.title")}
          ids={waiting}
          rowHeight={ROW}
          selected={selected}
          onSelect={setSelected}
          onAct={onTake}
          row={(id) => <CallRow id={id} />}
          empty={<Empty title={t("list.none")}>{t("list.noneText")}</Empty>}
        />
      </Panel>
      <CallBacks onTake={onTake} busy={busy} />
      <p className={styles.foot}>{t("list.talking", { count: talking })}</p>
    </div>
  );
}
