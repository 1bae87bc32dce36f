import type { CityMap } from "@schema";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import "maplibre-gl/dist/maplibre-gl.css";
import { liveStore } from "@/live/state";
import { readCity } from "@/map/city";
import { heatOf, isochronesOf, routesOf, shapesOf } from "@/map/convert";
import { MapEngine } from "@/map/engine";
import { liveScene } from "@/map/live";
import styles from "@/map/MapView.module.css";
import type { StyleTexts } from "@/map/style";
import { ALL_LAYERS, type MapViewProps, type Target } from "@/map/types";
import { themeStore } from "@/shell/theme";
import { Button } from "@/ui/Button";
import { Empty } from "@/ui/Empty";

function useCity(): { city: CityMap | null; failed: boolean; retry: () => void } {
  const [city, setCity] = useState<CityMap | null>(null);
  const [failed, setFailed] = useState(false);
  const [tries, setTries] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another try is another reading
  useEffect(() => {
    let wanted = true;
    setFailed(false);
    readCity().then(
      (read) => wanted && setCity(read),
      () => wanted && setFailed(true),
    );
    return () => {
      wanted = false;
    };
  }, [tries]);
  return { city, failed, retry: useCallback(() => setTries((count) => count + 1), []) };
}

/** Whichever handler stands at the time, for an engine that is made once. */
function useLatest<T>(value: T): { current: T } {
  const latest = useRef(value);
  latest.current = value;
  return latest;
}

function useEngine(
  box: { current: HTMLDivElement | null },
  city: CityMap | null,
  props: MapViewProps,
): MapEngine | null {
  const [engine, setEngine] = useState<MapEngine | null>(null);
  const latest = useLatest(props);
  const texts = useLatest(useTexts());
  useEffect(() => {
    if (!city || !box.current) return;
    const made = new MapEngine(box.current, city, latest.current.label, texts.current, {
      click: (target: Target | null, point) => {
        const { onSelect, onPick } = latest.current;
        if (target === null && onPick) onPick(point);
        else onSelect?.(target);
      },
      moved: () => latest.current.onFollowEnd?.(),
    });
    setEngine(made);
    const watch = new ResizeObserver(() => made.resize());
    watch.observe(box.current);
    return () => {
      watch.disconnect();
      made.destroy();
      setEngine(null);
    };
  }, [city, box, latest, texts]);
  return engine;
}

function useTexts(): StyleTexts {
  const { t, i18n } = useTranslation("map");
  const { language } = i18n;
  const minutes = t("view.minutes");
  return useMemo(() => ({ language, minutes }), [language, minutes]);
}

/** Theme and language, but not at first: the engine was made with them. */
function useRestyle(engine: MapEngine | null): void {
  const texts = useTexts();
  const theme = useStore(themeStore, (store) => store.shown);
  const drawn = useRef({ engine, look: "" });
  useEffect(() => {
    const look = `${theme} ${texts.language}`;
    if (engine && drawn.current.engine === engine && drawn.current.look !== look) engine.restyle(texts);
    drawn.current = { engine, look };
  }, [engine, theme, texts]);
}

function useScene(engine: MapEngine | null, { units, incidents, marks }: MapViewProps): void {
  useEffect(() => {
    if (!engine) return;
    const show = () => {
      const scene = liveScene();
      engine.setScene(
        {
          ...scene,
          units: units === "live" ? scene.units : (units ?? []),
          incidents: incidents === "live" ? scene.incidents : (incidents ?? []),
          marks: marks ?? [],
        },
        units === "live",
      );
    };
    show();
    return liveStore.subscribe((state, before) => {
      if (state.versions !== before.versions) show();
    });
  }, [engine, units, incidents, marks]);
}

function useOverlays(engine: MapEngine | null, { routes, isochrones, coverage, heat }: MapViewProps): void {
  useEffect(() => engine?.setOverlay("routes", routes ? routesOf(routes) : null), [engine, routes]);
  useEffect(() => engine?.setOverlay("isochrones", isochronesOf(isochrones)), [engine, isochrones]);
  useEffect(() => engine?.setOverlay("coverage", shapesOf(coverage)), [engine, coverage]);
  useEffect(() => engine?.setOverlay("heat", heat ? heatOf(heat) : null), [engine, heat]);
}

function useCamera(engine: MapEngine | null, { focus, follow, selected, fit }: MapViewProps): void {
  useEffect(() => engine?.select(selected ?? null), [engine, selected]);
  useEffect(() => {
    if (focus) engine?.camera.lookAt(focus.point, focus.zoom);
  }, [engine, focus]);
  useEffect(() => engine?.follow(follow ?? null), [engine, follow]);
  const wanted = fit?.map(({ lon, lat }) => `${lon} ${lat}`).join() ?? "";
  const points = useLatest(fit);
  useEffect(() => {
    if (wanted) engine?.camera.fit(points.current ?? []);
  }, [engine, wanted, points]);
}

/** The box that was ticked, or the key that was pressed, is answered first; the map follows in the frame after that. */
function useLayers(engine: MapEngine | null, { layers }: MapViewProps): void {
  useEffect(() => {
    let after: ReturnType<typeof setTimeout> | undefined;
    const frame = requestAnimationFrame(() => {
      after = setTimeout(() => engine?.setLayers({ ...ALL_LAYERS, ...layers }), 0);
    });
    return () => {
      cancelAnimationFrame(frame);
      clearTimeout(after);
    };
  }, [engine, layers]);
}

/** The map; lazily loaded by what index.ts exports. It fills its parent. */
export function MapView(props: MapViewProps) {
  const { t } = useTranslation("map");
  const box = useRef<HTMLDivElement>(null);
  const { city, failed, retry } = useCity();
  const engine = useEngine(box, city, props);
  useRestyle(engine);
  useScene(engine, props);
  useOverlays(engine, props);
  useCamera(engine, props);
  useLayers(engine, props);
  if (failed)
    return (
      <Empty title={t("view.failed")}>
        <Button onPress={retry}>{t("view.retry")}</Button>
      </Empty>
    );
  return (
    <div
      className={styles.view}
      role="group"
      aria-label={props.label}
      onKeyDown={(event) => {
        if (event.key !== "Enter" || !(event.target instanceof HTMLCanvasElement)) return;
        event.preventDefault();
        engine?.clickMiddle();
      }}
    >
      <div ref={box} className={styles.box} />
      <div className={styles.crosshair} aria-hidden="true" />
      <div className={styles.tools}>
        <Button icon aria-label={t("view.closer")} onPress={() => engine?.camera.zoomBy(1)}>
          +
        </Button>
        <Button icon aria-label={t("view.wider")} onPress={() => engine?.camera.zoomBy(-1)}>
          −
        </Button>
        <Button icon aria-label={t("view.all")} onPress={() => engine?.camera.showAll()}>
          ⤢
        </Button>
      </div>
    </div>
  );
}
