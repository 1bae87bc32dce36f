import { useTranslation } from "react-i18next";
import { clockText, NOTHING, useFormat } from "@/i18n/format";
import { useNow } from "@/live/hooks";
import { liveStore } from "@/live/state";
import { queueOf } from "@/screens/wall/figures";
import own from "@/screens/wall/Lines.module.css";
import { Pane } from "@/screens/wall/Pane";
import styles from "@/screens/wall/Wall.module.css";
import { classes, PriorityMark } from "@/ui";

/** Incidents that wait for a unit. */
export function Queue() {
  const { t } = useTranslation("wall");
  const format = useFormat();
  const now = useNow();
  const lines = queueOf(liveStore.getState().tables.incidents.values(), now);
  const all = lines.reduce((sum, line) => sum + line.count, 0);
  return (
    <Pane area="queue" title={t("queue.title")} aside={<strong className={styles.sum}>{format.number(all)}</strong>}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col" className={styles.title}>
              <span className="visually-hidden">{t("queue.priority")}</span>
            </th>
            <th scope="col" className={classes(styles.title, styles.right)}>
              {t("queue.count")}
            </th>
            <th scope="col" className={classes(styles.title, styles.right)}>
              {t("queue.longest")}
            </th>
            <th scope="col" className={classes(styles.title, styles.right)}>
              {t("queue.overdue")}
            </th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={line.priority} data-none={line.count === 0 || undefined}>
              <th scope="row" className={classes(styles.name, own.mark)}>
                <PriorityMark priority={line.priority} />
              </th>
              <td className={styles.big}>{format.number(line.count)}</td>
              <td className={classes(styles.right, line.overdue > 0 && styles.bad)}>
                {line.count === 0 ? NOTHING : clockText(line.longest_s)}
              </td>
              <td className={classes(styles.right, line.overdue > 0 && styles.bad)}>
                {line.overdue > 0 ? "! " : null}
                {format.number(line.overdue)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Pane>
  );
}
