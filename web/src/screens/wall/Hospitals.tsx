import { useTranslation } from "react-i18next";
import { NOTHING, useFormat } from "@/i18n/format";
import { useLabel } from "@/i18n/labels";
import { useNow } from "@/live/hooks";
import { liveStore } from "@/live/state";
import { firstOf, hospitalsOf } from "@/screens/wall/figures";
import own from "@/screens/wall/Lines.module.css";
import { Pane } from "@/screens/wall/Pane";
import styles from "@/screens/wall/Wall.module.css";
import { classes } from "@/ui";

const SIGNS = { open: "✓", diverting: "↷", shut: "✕" } as const;
const SHOWN_MAX = 4;
const COUNT_OLD_MS = 4 * 3_600_000;

/** Who receives, with how many free beds, and how many patients come. */
export function Hospitals() {
  const { t } = useTranslation("wall");
  const label = useLabel();
  const format = useFormat();
  const now = useNow();
  const { facilities, missions } = liveStore.getState().tables;
  const lines = hospitalsOf(facilities.values(), missions.values());
  const { shown, more } = firstOf(lines, SHOWN_MAX);
  const closed = lines.filter((line) => line.state !== "open").length;
  const oldest = lines
    .flatMap((line) => (line.counted_at === null ? [] : [Date.parse(line.counted_at)]))
    .sort((one, other) => one - other)[0];
  return (
    <Pane
      area="hospitals"
      title={t("hospitals.title")}
      aside={
        <span className={styles.quiet}>{t("hospitals.open", { open: lines.length - closed, all: lines.length })}</span>
      }
    >
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col" className={styles.title}>
              {t("hospitals.name")}
            </th>
            <th scope="col" className={classes(styles.title, styles.right)}>
              {t("hospitals.free")}
            </th>
            <th scope="col" className={classes(styles.title, styles.right)}>
              {t("hospitals.coming")}
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((line) => {
            const old = line.counted_at !== null && now - Date.parse(line.counted_at) > COUNT_OLD_MS;
            return (
              <tr key={line.id}>
                <th scope="row" className={classes(styles.name, own.hospital)} data-state={line.state}>
                  <div className={own.who}>
                    <span className={own.sign} aria-hidden="true">
                      {SIGNS[line.state]}
                    </span>
                    <span className={own.label}>{line.name}</span>
                    {line.state === "open" ? (
                      <span className="visually-hidden">{label("facility_state", line.state)}</span>
                    ) : (
                      <em className={own.word}>
                        {line.until
                          ? t("hospitals.until", { time: format.time(line.until) })
                          : label("facility_state", line.state)}
                      </em>
                    )}
                  </div>
                </th>
                <td className={styles.right}>
                  {old ? <span title={t("hospitals.old")}>⚠ </span> : null}
                  {line.free === null ? NOTHING : format.number(line.free)}
                </td>
                <td className={styles.right}>{format.number(line.coming)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <p className={styles.quiet}>
        {oldest === undefined ? null : t("hospitals.counted", { age: format.duration((now - oldest) / 1000) })}
        {more > 0 ? ` · ${t("hospitals.more", { count: more })}` : null}
      </p>
      {lines.length === 0 ? <p className={styles.quiet}>{t("hospitals.none")}</p> : null}
    </Pane>
  );
}
