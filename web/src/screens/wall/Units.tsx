import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { useNow } from "@/live/hooks";
import { liveStore } from "@/live/state";
import { UNIT_GROUPS, unitsOf } from "@/screens/wall/figures";
import { Pane } from "@/screens/wall/Pane";
import styles from "@/screens/wall/Units.module.css";
import wall from "@/screens/wall/Wall.module.css";

/** Units on duty by what they do; the bar repeats the figures below it. */
export function Units() {
  const { t } = useTranslation("wall");
  const format = useFormat();
  useNow();
  const { units, missions } = liveStore.getState().tables;
  const { counts, onDuty } = unitsOf(units.values(), missions);
  return (
    <Pane area="units" title={t("units.title")} aside={<strong className={wall.sum}>{format.number(onDuty)}</strong>}>
      {onDuty === 0 ? <p className={wall.quiet}>{t("units.none")}</p> : null}
      <div className={styles.bar} aria-hidden="true">
        {UNIT_GROUPS.filter((group) => counts[group] > 0).map((group) => (
          <span key={group} className={styles.group} data-group={group} style={{ flexGrow: counts[group] }} />
        ))}
      </div>
      <dl className={styles.legend}>
        {UNIT_GROUPS.map((group) => (
          <div key={group} className={styles.entry} data-none={counts[group] === 0 || undefined}>
            <dt className={styles.name}>
              <span className={`${styles.group} ${styles.swatch}`} data-group={group} aria-hidden="true" />
              {t(`units.${group}`)}
            </dt>
            <dd className={styles.count}>{format.number(counts[group])}</dd>
          </div>
        ))}
      </dl>
    </Pane>
  );
}
