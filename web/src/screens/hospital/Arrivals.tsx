import type { Facility, Mission } from "@schema";
import { useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useCount, useIds } from "@/live/hooks";
import { entityOf } from "@/live/state";
import { ArrivalCard } from "@/screens/hospital/ArrivalCard";
import styles from "@/screens/hospital/Arrivals.module.css";
import { useAlarmSound } from "@/screens/hospital/alarmSound";
import { comesTo, inOrderOfArrival, isDemanding } from "@/screens/hospital/arrivals";
import { HandOver } from "@/screens/hospital/HandOver";
import { useKeys } from "@/shell/keys";
import { useQueryId } from "@/shell/router";
import { useAct } from "@/shell/useAct";
import { Badge, Button, Empty, Panel } from "@/ui";

function SoundButton({ active }: { active: boolean }) {
  const { t } = useTranslation("hospital");
  const { muted, setMuted, held } = useAlarmSound(active);
  useKeys(t("keys.title"), [{ keys: "m", text: t("keys.mute"), run: () => setMuted(!muted) }]);
  return (
    <>
      {held && active ? <Badge tone="warn">{t("sound.held")}</Badge> : null}
      <Button size="small" kind="quiet" hint="m" onPress={() => setMuted(!muted)} aria-pressed={muted}>
        {muted ? t("sound.off") : t("sound.on")}
      </Button>
    </>
  );
}

/** The dialog gives the focus back a frame after it is gone. */
const AFTER_DIALOG_MS = 100;

/** Patients on their way here, in the order in which they come. */
export function Arrivals({ facility, own }: { facility: Facility; own: boolean }) {
  const { t } = useTranslation("hospital");
  const { send } = useAct();
  const [chosen, choose] = useQueryId("mission");
  const [handing, setHanding] = useState<number | null>(null);
  const list = useRef<HTMLUListElement>(null);
  const close = () => {
    setHanding(null);
    // The card that the focus would go back to may be gone: then the list keeps it.
    setTimeout(() => document.activeElement === document.body && list.current?.focus(), AFTER_DIALOG_MS);
  };
  const selection = useMemo(
    () => ({ where: (mission: Mission) => comesTo(mission, facility.id), order: inOrderOfArrival }),
    [facility.id],
  );
  const ids = useIds("missions", selection);
  const demanding = useCount(
    "missions",
    useMemo(() => (mission: Mission) => comesTo(mission, facility.id) && isDemanding(mission), [facility.id]),
  );
  const selected = chosen !== null && ids.includes(chosen) ? chosen : (ids[0] ?? null);
  const at = selected === null ? -1 : ids.indexOf(selected);
  const step = (by: number) => choose(ids[Math.min(Math.max(at + by, 0), ids.length - 1)] ?? null);

  const acknowledge = (mission: Mission) =>
    void send("prealert_acknowledge", { mission: mission.id, facility: facility.id }, t("acknowledge"));
  /** The selected one, or the first that waits for it. */
  const acknowledgeNext = () => {
    const all = [selected, ...ids].map((id) => entityOf("missions", id));
    const next = all.find((mission) => mission && isDemanding(mission));
    if (!next) return;
    choose(next.id);
    acknowledge(next);
  };
  const handOverSelected = () => {
    const all = [selected, ...ids].map((id) => entityOf("missions", id));
    const next = all.find((mission) => mission?.state === "at_facility");
    if (next) setHanding(next.id);
  };
  useKeys(t("keys.title"), [
    { keys: "a", text: t("keys.acknowledge"), run: acknowledgeNext, disabled: !own },
    { keys: "h", text: t("keys.handOver"), run: handOverSelected, disabled: !own },
    { keys: "ArrowDown", text: t("keys.next"), run: () => step(1) },
    { keys: "ArrowUp", text: t("keys.previous"), run: () => step(-1) },
  ]);
  return (
    <Panel
      title={t("arrivals.title")}
      count={ids.length}
      className={styles.panel}
      tools={
        <>
          {demanding > 0 ? <Badge tone="bad">{t("arrivals.demanding", { count: demanding })}</Badge> : null}
          {own ? <SoundButton active={demanding > 0} /> : null}
        </>
      }
    >
      <p className="visually-hidden" role="status">
        {demanding > 0 ? t("arrivals.demanding", { count: demanding }) : ""}
      </p>
      {ids.length === 0 ? <Empty title={t("arrivals.none")}>{t("arrivals.noneText")}</Empty> : null}
      <ul className={styles.list} ref={list} tabIndex={-1}>
        {ids.map((id) => (
          <ArrivalCard
            key={id}
            id={id}
            own={own}
            selected={id === selected}
            onSelect={() => id !== selected && choose(id)}
            onAcknowledge={acknowledge}
            onHandOver={(mission) => setHanding(mission.id)}
          />
        ))}
      </ul>
      <HandOver mission={handing} onClose={close} />
    </Panel>
  );
}
