import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { useConnection } from "@/live/hooks";
import { MapView } from "@/map";
import { Arrival } from "@/screens/crew/Arrival";
import styles from "@/screens/crew/crew.module.css";
import type { Known } from "@/screens/crew/known";
import { geoLink, targetOf, type WayHere, wayTo } from "@/screens/crew/ways";
import { Button } from "@/ui/Button";
import { Empty } from "@/ui/Empty";

function WayMap({ known, here }: { known: Known; here: WayHere }) {
  const { t } = useTranslation("crew");
  const target = targetOf(known);
  const way = wayTo(here.ways, known);
  const [lon, lat] = [target?.point.lon ?? 0, target?.point.lat ?? 0];
  const marks = useMemo(() => [{ point: { lon, lat } }], [lon, lat]);
  const routes = useMemo(() => {
    const points = (way?.points ?? []).map(([x = 0, y = 0]) => [x, y] as const);
    return points.length > 1 ? [{ points, strong: true }] : [];
  }, [way]);
  const fit = useMemo(() => {
    const [x, y] = way?.points[0] ?? [];
    return x === undefined || y === undefined
      ? [{ lon, lat }]
      : [
          { lon: x, lat: y },
          { lon, lat },
        ];
  }, [way, lon, lat]);
  return (
    <div className={styles.map}>
      <MapView label={t("way.map")} units="live" marks={marks} routes={routes} fit={fit} />
    </div>
  );
}

/** How to get there: the phone's own navigator, the streets in their order, and the map when it is wanted. */
export function WayView({ known, here }: { known: Known; here: WayHere }) {
  const { t } = useTranslation("crew");
  const format = useFormat();
  const { cut } = useConnection();
  const [map, setMap] = useState(false);
  const target = targetOf(known);
  if (!target) return <Empty title={t("way.none")}>{t("way.noneText")}</Empty>;
  const way = wayTo(here.ways, known);
  const { lon, lat } = target.point;
  return (
    <div className={styles.stack}>
      <Arrival known={known} ways={here.ways} />
      <a className={styles.navigate} href={geoLink(target.point)}>
        {t("way.navigate")}
        <span className={styles.note}>
          {lat.toFixed(5)}, {lon.toFixed(5)}
        </span>
      </a>
      {map ? <WayMap known={known} here={here} /> : null}
      <div className={styles.pair}>
        <Button size="large" aria-pressed={map} onPress={() => setMap(!map)}>
          {t(map ? "way.hideMap" : "way.showMap")}
        </Button>
        <Button size="large" isDisabled={cut} onPress={here.again}>
          {t("way.again")}
        </Button>
      </div>
      {way ? (
        <ol className={styles.streets} aria-label={t("way.streets")}>
          {way.steps.map((step) => (
            <li key={`${step.point.lon} ${step.point.lat}`} className={styles.street}>
              <span>{step.street || t("way.unnamed")}</span>
              <span className={styles.metres}>{format.distance(step.metres)}</span>
            </li>
          ))}
        </ol>
      ) : (
        <p className={styles.note}>{t(here.problem ? "way.failed" : cut ? "way.offline" : "way.asked")}</p>
      )}
    </div>
  );
}
