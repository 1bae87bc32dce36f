import type { Call, Point } from "@schema";
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { MapView } from "@/map";
import styles from "@/screens/answer/Side.module.css";
import { useAct } from "@/shell/useAct";
import { classes } from "@/ui";

const ZOOM = 15;
/** What must work first is drawn first; the map is a megabyte. */
const LATER_MS = 700;

function useLater(): boolean {
  const [later, setLater] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLater(true), LATER_MS);
    return () => clearTimeout(timer);
  }, []);
  return later;
}

/** The place of the call; a click (or Enter in the focused map) puts it there. */
export function PlaceMap({ call }: { call: Call }) {
  const { t } = useTranslation("answer");
  const { send } = useAct();
  const later = useLater();
  const [lon, lat] = [call.point?.lon, call.point?.lat];
  const place = useMemo<Point | null>(() => (lon === undefined || lat === undefined ? null : { lon, lat }), [lon, lat]);
  const marks = useMemo(() => (place ? [{ point: place }] : []), [place]);
  const focus = useMemo(() => (place ? { point: place, zoom: ZOOM } : null), [place]);
  const open = call.state === "answered" || call.state === "located";
  const pick = (point: Point) => void send("call_locate", { call: call.id, point }, t("place.locate"));
  return (
    <section className={styles.map} aria-label={t("map.label")}>
      {later ? (
        <MapView
          label={t("map.label")}
          units="live"
          incidents="live"
          marks={marks}
          focus={focus}
          onPick={open ? pick : undefined}
        />
      ) : null}
      {open ? <p className={styles.mapHint}>{t("map.pick")}</p> : null}
    </section>
  );
}

/** Between two calls: the city. */
export function CityMap({ className }: { className: string | undefined }) {
  const { t } = useTranslation("answer");
  const later = useLater();
  return (
    <section className={classes(styles.map, className)} aria-label={t("map.city")}>
      {later ? <MapView label={t("map.city")} units="live" incidents="live" /> : null}
    </section>
  );
}
