import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { sessionStore } from "@/api/session";
import { resumeClock } from "@/lib/contact";
import { useConnection } from "@/live/hooks";
import { act, startActs } from "@/screens/crew/acts";
import { Bar } from "@/screens/crew/Bar";
import styles from "@/screens/crew/crew.module.css";
import { FacilitySheet } from "@/screens/crew/FacilitySheet";
import { HelpSheet } from "@/screens/crew/HelpSheet";
import { KeptBand } from "@/screens/crew/KeptBand";
import type { Known } from "@/screens/crew/known";
import { MessagesView, NewMessage } from "@/screens/crew/MessagesView";
import { NextStep } from "@/screens/crew/NextStep";
import { OrderView } from "@/screens/crew/OrderView";
import { PatientView } from "@/screens/crew/PatientView";
import { ring, useWakeLock } from "@/screens/crew/phone";
import { positionStore, reportPosition } from "@/screens/crew/position";
import { StatusSheet } from "@/screens/crew/StatusSheet";
import { useCrewGuide, useCrewKeys } from "@/screens/crew/steps";
import { UnitView } from "@/screens/crew/UnitView";
import { type Shown, useKnown } from "@/screens/crew/useKnown";
import { closeSheet, type Sheet, useView } from "@/screens/crew/views";
import { WayView } from "@/screens/crew/WayView";
import { useWays } from "@/screens/crew/ways";
import { Button } from "@/ui/Button";
import { Empty } from "@/ui/Empty";

/** An order that this phone shows has reached the vehicle. */
function useNotify(known: Known): void {
  const { mission, held } = known;
  const id = held && mission?.state === "assigned" ? mission.id : null;
  useEffect(() => {
    if (id === null) return;
    act("mission_report", { mission: id, stage: "notify" });
    ring();
  }, [id]);
}

function usePosition(known: Known): void {
  const on = useStore(positionStore, (position) => position.on);
  const reporting = on && known.held && known.unit.state !== "off_duty";
  const unit = known.unit.id;
  useEffect(() => (reporting ? reportPosition(unit) : undefined), [reporting, unit]);
}

function SheetView({ sheet, known }: { sheet: Sheet; known: Known }) {
  const { t } = useTranslation("crew");
  const titles = { status: t("status.other"), facility: t("facility.which"), help: t("help.title") };
  return (
    <section className={styles.sheet} aria-label={titles[sheet]}>
      <div className={styles.head}>
        <h2 className={styles.place}>{titles[sheet]}</h2>
        <Button size="large" onPress={closeSheet}>
          {t("back")}
        </Button>
      </div>
      {sheet === "status" ? <StatusSheet known={known} /> : null}
      {sheet === "facility" ? <FacilitySheet known={known} /> : null}
      {sheet === "help" ? <HelpSheet known={known} /> : null}
    </section>
  );
}

function Crew({ known, acts }: Shown & { known: Known }) {
  const { state } = useConnection();
  const { tab, sheet: wanted } = useView();
  const live = state === "live";
  const here = useWays(known, live);
  useNotify(known);
  usePosition(known);
  useWakeLock(known.mission !== null);
  useCrewKeys(known);
  useCrewGuide(known);
  const sheet = known.mission ? wanted : null;
  return (
    <div className={styles.crew}>
      <div className={styles.content}>
        <KeptBand person={known.person} />
        <NewMessage known={known} acts={acts} live={live} />
        {sheet ? <SheetView sheet={sheet} known={known} /> : null}
        {!sheet && tab === "order" ? <OrderView known={known} ways={here.ways} live={live} /> : null}
        {!sheet && tab === "way" ? <WayView known={known} here={here} /> : null}
        {!sheet && tab === "patient" ? <PatientView known={known} /> : null}
        {!sheet && tab === "messages" ? <MessagesView known={known} acts={acts} live={live} /> : null}
        {!sheet && tab === "unit" ? <UnitView known={known} /> : null}
      </div>
      <div className={styles.hand}>
        {sheet ? null : <NextStep known={known} />}
        <Bar known={known} acts={acts} />
      </div>
    </div>
  );
}

export default function CrewScreen() {
  const { t } = useTranslation("crew");
  const session = useStore(sessionStore, (store) => store.session);
  const person = session?.person.id ?? 0;
  const unit = session?.person.grants.find((grant) => grant.role === "crew" && grant.scope === "unit")?.id ?? 0;
  useEffect(() => {
    void resumeClock();
    const end = startActs();
    const woken = () => document.visibilityState === "visible" && void resumeClock();
    document.addEventListener("visibilitychange", woken);
    return () => {
      end();
      document.removeEventListener("visibilitychange", woken);
    };
  }, []);
  const shown = useKnown(person, unit);
  const { ready } = useConnection();
  if (shown.known) return <Crew {...shown} known={shown.known} />;
  return (
    <Empty title={t(ready || unit === 0 ? "none.title" : "none.waiting")}>
      {t(ready || unit === 0 ? "none.text" : "none.waitingText")}
    </Empty>
  );
}
