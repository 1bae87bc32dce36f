import type { Coverage as CoverageTold, District } from "@schema";
import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { centreStore } from "@/api/centre";
import { sessionStore } from "@/api/session";
import { midnightBefore } from "@/i18n/zone";
import { serverNow_ms } from "@/live/clock";
import { MapView } from "@/map";
import { Alarms } from "@/screens/wall/Alarms";
import { Coverage } from "@/screens/wall/Coverage";
import { Hospitals } from "@/screens/wall/Hospitals";
import { IndicatorTable } from "@/screens/wall/IndicatorTable";
import { Pane } from "@/screens/wall/Pane";
import { Queue } from "@/screens/wall/Queue";
import type { Indicators } from "@/screens/wall/report";
import { Strip } from "@/screens/wall/Strip";
import { scopeOf } from "@/screens/wall/scope";
import { Trend } from "@/screens/wall/Trend";
import { Units } from "@/screens/wall/Units";
import { useHours } from "@/screens/wall/useHours";
import { type Polled, usePolled } from "@/screens/wall/usePolled";
import styles from "@/screens/wall/Wall.module.css";
import { useKeys } from "@/shell/keys";

const EVERY_MS = 30_000;
const NAMES_EVERY_MS = 600_000;
const COVERAGE = () => "/api/v1/coverage?minutes=8";
const DISTRICTS = () => "/api/v1/districts?limit=500";
const NONE: readonly District[] = [];
const LAYERS = { posts: false, labels: true };

function toggleFull(): void {
  if (document.fullscreenElement) void document.exitFullscreen();
  else void document.documentElement.requestFullscreen();
}

/** Indicators of today, by the centre's midnight. */
function useToday(district: number | null, wanted: boolean): Polled<Indicators> {
  const timeZone = useStore(centreStore, (centre) => centre.timeZone);
  const path = useCallback(() => {
    const from = new Date(midnightBefore(serverNow_ms(), timeZone)).toISOString();
    return `/api/v1/indicators?from=${from}${district === null ? "" : `&district=${district}`}`;
  }, [timeZone, district]);
  return usePolled<Indicators>(wanted ? path : null, `${timeZone} ${district} ${wanted}`, EVERY_MS);
}

/** The city at a glance, for a big screen that nobody touches. */
export default function WallScreen() {
  const { t } = useTranslation("wall");
  const session = useStore(sessionStore, (store) => store.session);
  const scope = useMemo(() => scopeOf(session), [session]);
  const coverage = usePolled<CoverageTold>(COVERAGE, "coverage", EVERY_MS);
  const districts = usePolled<{ items: District[] }>(DISTRICTS, "districts", NAMES_EVERY_MS).data?.items ?? NONE;
  const report = useToday(scope?.district ?? null, scope !== null);
  const known = useHours(scope);
  useKeys(t("title"), [{ keys: "f", text: t("keys.full"), run: toggleFull }]);
  return (
    <div className={styles.wall} data-figures={scope !== null}>
      <Strip report={scope ? report : null} />
      <div className={styles.columns}>
        <div className={styles.column}>
          <Queue />
          <Units />
          {scope ? <Trend known={known} /> : null}
        </div>
        <div className={styles.column}>
          <Pane area="map" title={t("map.title")} bare>
            <MapView label={t("map.label")} units="live" incidents="live" layers={LAYERS} coverage={null} />
          </Pane>
          {scope ? <IndicatorTable report={report} districts={districts} /> : null}
        </div>
        <div className={styles.column}>
          <Coverage coverage={coverage} districts={districts} />
          <Hospitals />
          <Alarms />
        </div>
      </div>
    </div>
  );
}
