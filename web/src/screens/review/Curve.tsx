import type { Timeline } from "@schema";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import styles from "@/screens/review/Review.module.css";

const HEIGHT = 100;

function pathOf(values: readonly number[], top: number): string {
  return values.map((value, index) => `${index},${HEIGHT - (value / top) * (HEIGHT - 6)}`).join(" ");
}

/** What waited, over the whole time; a line stands where the map is. */
export function Curve({ timeline, index }: { timeline: Timeline; index: number }) {
  const { t } = useTranslation("review");
  const { frames } = timeline;
  const drawn = useMemo(() => {
    const calls = frames.map((frame) => frame.calls_waiting);
    const incidents = frames.map((frame) => frame.incidents_waiting);
    const most = Math.max(...calls, ...incidents);
    const top = Math.max(1, most);
    return { calls: pathOf(calls, top), incidents: pathOf(incidents, top), most };
  }, [frames]);
  const last = Math.max(1, frames.length - 1);
  const now = frames[index];
  return (
    <figure className={styles.curve}>
      <svg
        className={styles.curvePicture}
        viewBox={`0 0 ${last} ${HEIGHT}`}
        preserveAspectRatio="none"
        aria-hidden="true"
      >
        <polygon className={styles.curveCalls} points={`0,${HEIGHT} ${drawn.calls} ${last},${HEIGHT}`} />
        <polyline className={styles.curveIncidents} points={drawn.incidents} />
        <line className={styles.curveNow} x1={index} x2={index} y1={0} y2={HEIGHT} />
      </svg>
      <figcaption className={styles.curveWords}>
        <span className={styles.keyCalls}>{t("curve.calls", { count: now?.calls_waiting ?? 0 })}</span>
        <span className={styles.keyIncidents}>{t("curve.incidents", { count: now?.incidents_waiting ?? 0 })}</span>
        <span>{t("curve.most", { most: drawn.most })}</span>
      </figcaption>
    </figure>
  );
}
