import { useTranslation } from "react-i18next";
import { clockText, useFormat } from "@/i18n/format";
import { useLabel } from "@/i18n/labels";
import { useNow } from "@/live/hooks";
import { liveStore } from "@/live/state";
import { alarmsOf, firstOf } from "@/screens/wall/figures";
import own from "@/screens/wall/Lines.module.css";
import { Pane } from "@/screens/wall/Pane";
import styles from "@/screens/wall/Wall.module.css";
import { classes } from "@/ui";

const SHOWN_MAX = 4;

/** Alarms that stand, by kind. */
export function Alarms() {
  const { t } = useTranslation("wall");
  const label = useLabel();
  const format = useFormat();
  const now = useNow();
  const lines = alarmsOf(liveStore.getState().tables.alarms.values(), now);
  const { shown, more } = firstOf(lines, SHOWN_MAX);
  const all = lines.reduce((sum, line) => sum + line.count, 0);
  return (
    <Pane
      area="alarms"
      title={t("alarms.title")}
      aside={<strong className={classes(styles.sum, all > 0 && styles.bad)}>{format.number(all)}</strong>}
    >
      {lines.length === 0 ? <p className={styles.quiet}>{t("alarms.none")}</p> : null}
      <table className={styles.table}>
        <thead className="visually-hidden">
          <tr>
            <th scope="col">{t("alarms.kind")}</th>
            <th scope="col">{t("alarms.count")}</th>
            <th scope="col">{t("alarms.oldest")}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((line) => (
            <tr key={line.kind}>
              <th scope="row" className={classes(styles.name, own.small, line.raised > 0 && styles.bad)}>
                {line.raised > 0 ? "! " : null}
                {label("alarm_kind", line.kind)}
              </th>
              <td className={styles.right}>{format.number(line.count)}</td>
              <td className={styles.right}>{clockText(line.oldest_s)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {more > 0 ? <p className={styles.quiet}>{t("alarms.more", { count: more })}</p> : null}
    </Pane>
  );
}
