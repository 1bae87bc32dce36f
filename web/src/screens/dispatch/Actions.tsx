import type { Incident } from "@schema";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { rolesOf, sessionStore } from "@/api/session";
import { useLabel } from "@/i18n/labels";
import styles from "@/screens/dispatch/Actions.module.css";
import { isOwn, useAlarmsOf } from "@/screens/dispatch/alarms";
import { isWaiting } from "@/screens/dispatch/need";
import type { Order } from "@/screens/dispatch/orders";
import type { Perform } from "@/screens/dispatch/perform";
import { askCancel, askMore, askPriority, askShortfall, askStandDown } from "@/screens/dispatch/questions";
import { beginLine, dispatchStore } from "@/screens/dispatch/store";
import { useKeys } from "@/shell/keys";
import { Button } from "@/ui/Button";

export interface ActionsProps {
  incident: Incident;
  /** The mission at hand, of those of the incident. */
  mission: Incident["missions"][number] | undefined;
  perform: Perform;
}

/** What else can be done with the incident; each has its key. */
export function Actions({ incident, mission, perform }: ActionsProps) {
  const { t } = useTranslation("dispatch");
  const label = useLabel();
  const pending = useStore(dispatchStore, (store) => store.pending);
  const roles = rolesOf(useStore(sessionStore, (store) => store.session));
  const commands = roles.includes("duty_commander");
  const raised = useAlarmsOf(incident.id).filter((alarm) => alarm.state === "raised" && isOwn(alarm, roles));
  const open = incident.state !== "closed";
  const waiting = isWaiting(incident);
  const give = (order: Order) => void perform(order);
  const alarms = raised.map((alarm) => alarm.id);
  const { id, revision } = incident;
  const acts = [
    { key: "k", text: t("act.acknowledge"), on: alarms.length > 0, run: () => give({ what: "acknowledge", alarms }) },
    { key: "u", text: t("act.more"), on: open, run: () => askMore(t, label, incident, give) },
    { key: "w", text: t("act.swap"), on: open && !!mission, run: () => beginLine(`swap ${mission?.unit_code} `) },
    { key: "x", text: t("act.standDown"), on: !!mission, run: () => mission && askStandDown(t, mission, give) },
    { key: "p", text: t("act.priority"), on: open, run: () => askPriority(t, label, incident, give) },
    {
      key: "r",
      text: t("act.reconsider"),
      on: waiting,
      run: () => give({ what: "reconsider", incident: id, revision }),
    },
    { key: "m", text: t("act.message"), on: !!mission, run: () => beginLine(`msg ${mission?.unit_code} `) },
    { key: "s", text: t("act.shortfall"), on: waiting && commands, run: () => askShortfall(t, label, incident, give) },
    { key: "c", text: t("act.cancel"), on: open, run: () => askCancel(t, incident, give) },
  ];
  useKeys(
    t("keys.acts"),
    acts.map(({ key, text, on, run }) => ({ keys: key, text, run, disabled: !on })),
  );
  return (
    <div className={styles.acts} role="toolbar" aria-label={t("act.label")}>
      {acts
        .filter((act) => act.on)
        .map(({ key, text, run }) => (
          <Button
            key={key}
            size="small"
            hint={key}
            kind={key === "c" ? "danger" : key === "k" ? "primary" : "normal"}
            isDisabled={pending}
            onPress={run}
          >
            {text}
          </Button>
        ))}
    </div>
  );
}
