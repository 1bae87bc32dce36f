import { type Call, type Incident, type Priority, priorityValues } from "@schema";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useLabel } from "@/i18n/labels";
import { type ByHand, type Decision, decisionOf, decisionOfIncident } from "@/screens/answer/decision";
import styles from "@/screens/answer/HandBar.module.css";
import { useKeys } from "@/shell/keys";
import { useAct } from "@/shell/useAct";
import { Badge, Button, classes, PriorityMark } from "@/ui";

export interface HandBarProps {
  call: Call;
  incident: Incident | undefined;
  hand: ByHand;
  onHand: (hand: ByHand) => void;
  /** What is missing was asked for: the cursor goes there. */
  onMissing: (what: "place" | "priority") => void;
  onNext: () => void;
  onClose: () => void;
}

const NEAR_ENOUGH = ["answered", "located"];

function Proposal({ decision, handedOver }: { decision: Decision; handedOver: boolean }) {
  const { t } = useTranslation("answer");
  const label = useLabel();
  const needs = decision.needs.filter((need) => need !== "basic" || decision.needs.length === 1);
  return (
    <div className={styles.proposal}>
      <div className={styles.priority}>
        {decision.priority ? (
          <PriorityMark priority={decision.priority} large />
        ) : (
          <span className={styles.unknown}>{t("proposal.none")}</span>
        )}
        {decision.overridden ? <Badge tone="warn">✎ {t("proposal.byHand")}</Badge> : null}
      </div>
      <p className={styles.needs}>
        {decision.priority ? (
          <>
            <span className={styles.units}>{t("proposal.units", { count: decision.units_wanted })}</span>
            {needs.map((need) => (
              <Badge key={need}>{label("need_set", need)}</Badge>
            ))}
          </>
        ) : (
          t("proposal.help")
        )}
      </p>
      <span className="visually-hidden" role="status">
        {decision.ready && !handedOver ? t("proposal.ready") : ""}
      </span>
    </div>
  );
}

/** What follows from the answers, always to be seen, and what is done with it. */
export function HandBar({ call, incident, hand, onHand, onMissing, onNext, onClose }: HandBarProps) {
  const { t } = useTranslation("answer");
  const label = useLabel();
  const { send, pending } = useAct();
  const open = NEAR_ENOUGH.includes(call.state);
  const decision = incident ? decisionOfIncident(incident, call) : decisionOf(call, hand);

  const handOver = () => {
    const { priority, needs, units_wanted } = decision;
    if (!call.point) return onMissing("place");
    if (!priority) return onMissing("priority");
    void send("call_triage", { call: call.id, priority, needs, units_wanted }, t("proposal.handOver"));
  };
  const prioritise = (priority: Priority) => {
    if (!incident) return onHand({ ...hand, priority: priority === call.triage?.priority ? null : priority });
    if (priority === incident.priority || incident.state === "closed") return;
    const fields = { incident: incident.id, revision: incident.revision, priority };
    void send("incident_prioritise", fields, label("priority", priority));
  };
  useKeys(t("title"), [
    { keys: "F8", text: t("proposal.handOver"), run: handOver, disabled: !open },
    ...priorityValues.map((priority, index) => ({
      keys: `Shift+F${index + 1}`,
      text: t("proposal.set", { priority: label("priority", priority) }),
      run: () => prioritise(priority),
    })),
    { keys: "F9", text: t("close.title"), run: onClose, disabled: !open },
    { keys: "Enter", text: t("next"), run: onNext, disabled: open },
  ]);
  const bar = useRef<HTMLElement>(null);
  useEffect(() => {
    // The button that was pressed is gone.
    if (!open && document.activeElement === document.body) bar.current?.focus();
  }, [open]);
  const clear = decision.ready && call.point !== null;
  return (
    <footer ref={bar} tabIndex={-1} className={classes(styles.bar, open && clear && styles.clear)}>
      <Proposal decision={decision} handedOver={!open} />
      <div className={styles.acts}>
        {open ? (
          <>
            <Button kind="quiet" size="small" hint="F9" onPress={onClose}>
              {t("close.title")}
            </Button>
            <Button kind={clear ? "primary" : "normal"} size="large" hint="F8" isDisabled={pending} onPress={handOver}>
              {t("proposal.handOver")}
            </Button>
          </>
        ) : (
          <>
            <Badge tone={call.state === "closed" ? "plain" : "ok"}>
              ✓ {call.state === "closed" ? label("call_state", "closed") : t("proposal.handedOver")}
            </Badge>
            <Button kind="primary" size="large" hint="Enter" onPress={onNext}>
              {t("next")}
            </Button>
          </>
        )}
      </div>
    </footer>
  );
}
