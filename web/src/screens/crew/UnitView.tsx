import type { UnitEvent } from "@schema";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { remove } from "@/api/client";
import { sessionStore } from "@/api/session";
import styles from "@/screens/crew/crew.module.css";
import { HoldButton } from "@/screens/crew/HoldButton";
import type { Known } from "@/screens/crew/known";
import { reportUnit } from "@/screens/crew/mistake";
import { install, installStore } from "@/screens/crew/phone";
import { positionStore, setConsent } from "@/screens/crew/position";
import { unitEvents } from "@/screens/crew/stages";
import { takeUpdate, updateStore } from "@/shell/offline";
import { useAct } from "@/shell/useAct";
import { Button } from "@/ui/Button";
import { Checkbox } from "@/ui/Checkbox";
import { Stale } from "@/ui/Stale";
import { StateMark } from "@/ui/StateMark";

const POSITION_OLD_S = 30;
const LAST: readonly UnitEvent[] = ["break_down", "end_shift"];

function Position({ known }: { known: Known }) {
  const { t } = useTranslation("crew");
  const { on, sentAt_ms, accuracy_m, trouble } = useStore(positionStore);
  return (
    <section className={styles.block} aria-label={t("position.title")}>
      <Checkbox isSelected={on} onChange={setConsent}>
        {t("position.consent")}
      </Checkbox>
      <p className={styles.note}>{t("position.note")}</p>
      {on && sentAt_ms !== null ? (
        <p>
          {t("position.sent", { accuracy: accuracy_m ?? 0 })} <Stale at={sentAt_ms} limit_s={POSITION_OLD_S} />
        </p>
      ) : null}
      {on && trouble ? (
        <p className={styles.bad} role="status">
          ⚠ {t(`position.${trouble}`)}
        </p>
      ) : null}
      {known.unit.position ? (
        <p className={styles.note}>
          {t("position.known")} <Stale at={known.unit.position.at} limit_s={POSITION_OLD_S} />
        </p>
      ) : null}
    </section>
  );
}

function App({ busy }: { busy: boolean }) {
  const { t } = useTranslation("crew");
  const offer = useStore(installStore, (store) => store.offer);
  const waiting = useStore(updateStore, (store) => store.waiting);
  return (
    <section className={styles.block} aria-label={t("app.title")}>
      {offer ? (
        <Button size="large" wide onPress={() => void install()}>
          {t("app.install")}
        </Button>
      ) : null}
      {waiting ? (
        <Button size="large" wide isDisabled={busy} onPress={takeUpdate}>
          {t(busy ? "app.updateLater" : "app.update")}
        </Button>
      ) : null}
      <p className={styles.note}>{t("app.keeps")}</p>
    </section>
  );
}

function GiveBack({ unit }: { unit: number }) {
  const { t } = useTranslation("crew");
  const { run, pending } = useAct();
  const back = () => void run(() => remove(`/api/v1/control/unit/${unit}`), t("drill.back"));
  return (
    <Button size="large" wide isDisabled={pending} onPress={back}>
      {t("drill.back")}
    </Button>
  );
}

/** The unit: its shift, its troubles, where it is; and this phone. */
export function UnitView({ known }: { known: Known }) {
  const { t } = useTranslation("crew");
  const drill = useStore(sessionStore, (session) => session.drill);
  const { unit, mission } = known;
  return (
    <div className={styles.stack}>
      <div className={styles.head}>
        <h2 className={styles.place}>{unit.name || unit.code}</h2>
        <StateMark kind="unit_state" state={unit.state} />
      </div>
      {unit.post_name ? <p className={styles.note}>{t("unit.post", { post: unit.post_name })}</p> : null}
      {unit.shift_ends ? <p>{t("unit.shiftEnds")}</p> : null}
      {known.held
        ? unitEvents(unit).map((what) => (
            <HoldButton key={what} danger={LAST.includes(what)} onHeld={() => reportUnit(known, what)}>
              {t(`unitEvent.${what}`)}
            </HoldButton>
          ))
        : null}
      {known.held && unit.state === "on_mission" && !unit.shift_ends ? (
        <HoldButton onHeld={() => reportUnit(known, "end_shift")}>{t("unit.endAfter")}</HoldButton>
      ) : null}
      <Position known={known} />
      <App busy={mission !== null} />
      {drill && known.held ? <GiveBack unit={unit.id} /> : null}
    </div>
  );
}
