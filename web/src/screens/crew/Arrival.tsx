import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import styles from "@/screens/crew/crew.module.css";
import type { Known, Ways } from "@/screens/crew/known";
import { targetOf, wayTo } from "@/screens/crew/ways";
import { Elapsed } from "@/ui/Elapsed";

const DRIVING = ["assigned", "notified", "acknowledged", "departed", "left_scene"];

/** The big clock: until one is there; at the scene, how long one has been. */
export function Arrival({ known, ways }: { known: Known; ways: Ways | null }) {
  const { t } = useTranslation("crew");
  const format = useFormat();
  const { mission } = known;
  const target = targetOf(known);
  if (!mission || !target) return null;
  if (!DRIVING.includes(mission.state)) {
    if (mission.state === "at_facility" || mission.state === "handed_over" || !mission.on_scene_at) return null;
    return (
      <div className={styles.arrival}>
        <span className={styles.label}>{t("arrival.onScene")}</span>
        <span className={styles.clock}>
          <Elapsed since={mission.on_scene_at} />
        </span>
      </div>
    );
  }
  const way = wayTo(ways, known);
  return (
    <div className={styles.arrival}>
      <span className={styles.label}>
        {t(target.kind === "scene" ? "arrival.toScene" : "arrival.toFacility")}
        {target.kind === "facility" ? ` · ${target.name}` : ""}
      </span>
      {mission.expected_at ? (
        <>
          <span className={styles.clock}>
            <Elapsed since={mission.expected_at} down />
          </span>
          <span className={styles.note}>{t("arrival.at", { time: format.time(mission.expected_at) })}</span>
        </>
      ) : (
        <span className={styles.clock}>{way ? `≈ ${format.duration(way.seconds)}` : "–"}</span>
      )}
      {way ? <span className={styles.note}>{t("arrival.way", { distance: format.distance(way.metres) })}</span> : null}
    </div>
  );
}
