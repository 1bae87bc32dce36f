import { useTranslation } from "react-i18next";
import { useEntity } from "@/live/hooks";
import styles from "@/screens/answer/CallList.module.css";
import { isAbandoned, isRinging, waitTarget_s } from "@/screens/answer/need";
import { Elapsed, PriorityMark } from "@/ui";

/** One call that waits: what it waits for, how long, against the target. */
export function CallRow({ id }: { id: number }) {
  const { t } = useTranslation("answer");
  const call = useEntity("calls", id);
  if (!call) return null;
  const abandoned = isAbandoned(call);
  const ringing = isRinging(call);
  const priority = call.triage?.priority;
  const state = abandoned ? t("list.abandoned") : ringing ? t("list.ringing") : t("list.aside");
  return (
    <div className={styles.row}>
      <span className={styles.sign} data-state={call.state} aria-hidden="true">
        {abandoned ? "↩" : ringing ? "☎" : "▮▮"}
      </span>
      <span className={styles.what}>
        <span className={styles.name}>
          {t("list.call", { id })}
          {priority ? <PriorityMark priority={priority} short /> : null}
        </span>
        <span className={styles.about}>{[state, call.district_name].filter(Boolean).join(" · ")}</span>
      </span>
      <Elapsed
        since={abandoned ? call.ended_at : ringing ? call.offered_at : call.answered_at}
        target_s={abandoned || ringing ? waitTarget_s(call) : null}
      />
    </div>
  );
}
