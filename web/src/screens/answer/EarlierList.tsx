import type { Call, Earlier } from "@schema";
import { useTranslation } from "react-i18next";
import { useProblemWords } from "@/api/wording";
import { useFormat } from "@/i18n/format";
import { useLabel } from "@/i18n/labels";
import styles from "@/screens/answer/Side.module.css";
import { useEarlier } from "@/screens/answer/useCaller";
import { Panel, PriorityMark, StateMark } from "@/ui";

function Rows({ earlier }: { earlier: Earlier }) {
  const { t } = useTranslation("answer");
  const format = useFormat();
  const label = useLabel();
  return (
    <ul>
      {earlier.number.map((call) => (
        <li key={`call ${call.id}`} className={styles.before}>
          <span className={styles.time}>{format.time(call.offered_at)}</span>
          <span>{t("earlier.number", { id: call.id })}</span>
          <span className={styles.dim}>
            {call.outcome ? label("call_outcome", call.outcome) : label("call_state", call.state)}
            {call.incident ? ` · ${t("near.incident", { id: call.incident })}` : ""}
          </span>
        </li>
      ))}
      {earlier.place.map((incident) => (
        <li key={`incident ${incident.id}`} className={styles.before}>
          <span className={styles.time}>{format.time(incident.offered_at)}</span>
          <span className={styles.nearHead}>
            <PriorityMark priority={incident.priority} short /> {t("earlier.place", { id: incident.id })}
          </span>
          <StateMark kind="incident_state" state={incident.state} />
        </li>
      ))}
    </ul>
  );
}

/** What is known from before: of the number, and of the place. */
export function EarlierList({ call }: { call: Call }) {
  const { t } = useTranslation("answer");
  const words = useProblemWords();
  const { earlier, problem } = useEarlier(call);
  const count = earlier ? earlier.number.length + earlier.place.length : 0;
  return (
    <Panel title={t("earlier.title")} count={count} className={styles.earlier} scrolls={count > 0}>
      {earlier && count > 0 ? (
        <Rows earlier={earlier} />
      ) : (
        <p className={styles.quiet}>
          {problem ? words(problem).title : earlier ? t("earlier.none") : t("triage.loading")}
        </p>
      )}
    </Panel>
  );
}
