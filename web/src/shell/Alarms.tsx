import type { Alarm, Role } from "@schema";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { rolesOf, sessionStore } from "@/api/session";
import { useLabel } from "@/i18n/labels";
import { useCount, useEntity, useIds } from "@/live/hooks";
import { entityOf } from "@/live/state";
import styles from "@/shell/Alarms.module.css";
import { useKeys } from "@/shell/keys";
import { goTo } from "@/shell/router";
import { screensOf } from "@/shell/screens";
import { useAct } from "@/shell/useAct";
import { Button } from "@/ui/Button";
import { classes } from "@/ui/classes";
import { Dialog } from "@/ui/Dialog";
import { Elapsed } from "@/ui/Elapsed";
import { Empty } from "@/ui/Empty";

const SHOWN_MAX = 100;
const newestFirst = (one: Alarm, other: Alarm) => other.id - one.id;

/** The alarms that the person's desk has to see to; the duty commander has them all. */
function isOwn(roles: readonly Role[]): (alarm: Alarm) => boolean {
  return (alarm) =>
    alarm.state !== "cleared" &&
    (roles.includes("duty_commander") || (roles as readonly string[]).includes(alarm.owner));
}

/** Shows what an alarm is about, on the first of one's screens that can. */
function show(alarm: Alarm, roles: readonly Role[]): void {
  const mission = alarm.subject_kind === "mission" ? entityOf("missions", alarm.subject) : undefined;
  const query = mission ? { incident: mission.incident, mission: mission.id } : { [alarm.subject_kind]: alarm.subject };
  const wanted = alarm.subject_kind === "call" ? "answer" : "dispatch";
  const own = screensOf(roles);
  const screen = own.find((one) => one.name === wanted) ?? own[0];
  if (screen) goTo(screen.name, query);
}

function useAbout(alarm: Alarm): string {
  const { t } = useTranslation("shell");
  const label = useLabel();
  const unit = useEntity("units", alarm.subject_kind === "unit" ? alarm.subject : null);
  const facility = useEntity("facilities", alarm.subject_kind === "facility" ? alarm.subject : null);
  const mission = useEntity("missions", alarm.subject_kind === "mission" ? alarm.subject : null);
  const name = unit?.name ?? facility?.name ?? mission?.unit_name ?? String(alarm.subject);
  const parts = [t("alarms.about", { kind: label("subject", alarm.subject_kind), name }), alarm.district_name];
  return parts.filter(Boolean).join(" · ");
}

function AlarmRow({ id, onLeave }: { id: number; onLeave: () => void }) {
  const alarm = useEntity("alarms", id);
  return alarm ? <AlarmCard alarm={alarm} onLeave={onLeave} /> : null;
}

function AlarmCard({ alarm, onLeave }: { alarm: Alarm; onLeave: () => void }) {
  const { t } = useTranslation("shell");
  const label = useLabel();
  const about = useAbout(alarm);
  const { send, pending } = useAct();
  const roles = rolesOf(useStore(sessionStore, (store) => store.session));
  const what = label("alarm_kind", alarm.kind);
  const acknowledge = () => send("alarm_acknowledge", { alarm: alarm.id, revision: alarm.revision }, what);
  return (
    <li className={styles.alarm} data-state={alarm.state}>
      <div>
        <p className={styles.what}>{what}</p>
        <p className={styles.about}>
          {about}
          {alarm.acknowledged_by ? ` · ${t("alarms.by", { name: alarm.acknowledged_by.name })}` : null}
        </p>
      </div>
      <Elapsed since={alarm.raised_at} />
      <div>
        <Button
          size="small"
          kind="quiet"
          onPress={() => {
            show(alarm, roles);
            onLeave();
          }}
        >
          {t("alarms.show")}
        </Button>
        {alarm.state === "raised" ? (
          <Button size="small" kind="primary" isDisabled={pending} onPress={acknowledge}>
            {t("alarms.acknowledge")}
          </Button>
        ) : null}
      </div>
    </li>
  );
}

/** The counter in the bar, and the list behind it. */
export function Alarms() {
  const { t } = useTranslation("shell");
  const [open, setOpen] = useState(false);
  const session = useStore(sessionStore, (store) => store.session);
  const own = useMemo(() => isOwn(rolesOf(session)), [session]);
  const selection = useMemo(() => ({ where: own, order: newestFirst }), [own]);
  const ids = useIds("alarms", selection);
  const raised = useCount(
    "alarms",
    useMemo(() => (alarm: Alarm) => own(alarm) && alarm.state === "raised", [own]),
  );
  useKeys(t("keys.everywhere"), [{ keys: "Alt+a", text: t("alarms.open"), run: () => setOpen(true) }]);
  return (
    <>
      <Button kind="quiet" onPress={() => setOpen(true)}>
        {t("alarms.title")}
        <span className={classes(styles.count, raised > 0 && styles.raised)}>{raised > 0 ? raised : ids.length}</span>
        <span className="visually-hidden"> {t(raised > 0 ? "alarms.raised" : "alarms.seen")}</span>
      </Button>
      <Dialog title={t("alarms.title")} isOpen={open} onClose={() => setOpen(false)} wide>
        {ids.length === 0 ? (
          <Empty title={t("alarms.none")} />
        ) : (
          <ul className={styles.list}>
            {ids.slice(0, SHOWN_MAX).map((id) => (
              <AlarmRow key={id} id={id} onLeave={() => setOpen(false)} />
            ))}
            {ids.length > SHOWN_MAX ? <li>{t("alarms.more", { count: ids.length - SHOWN_MAX })}</li> : null}
          </ul>
        )}
      </Dialog>
    </>
  );
}
