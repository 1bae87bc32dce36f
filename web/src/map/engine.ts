// One map on the page: MapLibre draws the city, deck.gl the signs above it. React tells it what to show; it tells back what was
// clicked. Nothing of it renders through React, so that a thousand moving units cost the page nothing.
import { MapLibreOverlay } from "@deck.gl/maplibre";
import type { CityMap } from "@schema";
import { Map as LibreMap, type MapMouseEvent, setWorkerUrl } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import { get, isDrill } from "@/api/client";
import { serverNow_ms } from "@/live/clock";
import { positionOf, subscribePositions } from "@/live/positions";
import { boundsOfCity, Camera, LOOK_ZOOM } from "@/map/camera";
import { districtNamesOf, namesOf } from "@/map/convert";
import { LABELS_FROM_ZOOM, SignLayers, type Spot, type UnitPlace } from "@/map/layers";
import { Motion } from "@/map/motion";
import { OverlayState } from "@/map/overlayState";
import { Pace } from "@/map/pace";
import { EMPTY_SCENE, type Scene, spotOf, stack, targetAt } from "@/map/scene";
import { drawsInSoftware } from "@/map/software";
import { makeStyle, type StyleTexts } from "@/map/style";
import type { OverlayName } from "@/map/styleOverlays";
import { ALL_LAYERS, type Layers, type MapShapes, type MapUnit, type Target } from "@/map/types";

setWorkerUrl(workerUrl);

const AGE_EVERY_MS = 1000;
const ACTS = ["keydown", "pointerdown"] as const;

export interface EngineEvents {
  click: (target: Target | null, point: { lon: number; lat: number }) => void;
  /** The person moved the map. */
  moved: () => void;
}

export class MapEngine {
  readonly camera: Camera;
  private readonly map: LibreMap;
  private readonly overlays: OverlayState;
  // Signs are pictures with soft edges of their own: to smooth them again takes a processor without a graphics card several times as long.
  private readonly overlay = new MapLibreOverlay({
    interleaved: false,
    layers: [],
    deviceProps: { type: "webgl", webgl: { antialias: false } },
  });
  private readonly pace = new Pace();
  private readonly motion: Motion;
  private readonly city: CityMap;
  private readonly events: EngineEvents;
  private signs: SignLayers | null = null;
  private texts: StyleTexts;
  private offsets: ReadonlyMap<number, readonly [number, number]> = new Map();
  private scene: Scene = EMPTY_SCENE;
  private layers: Layers = ALL_LAYERS;
  private live = false;
  private selected: Target | null = null;
  private followed: number | null = null;
  private frameNumber = 0;
  private requested = 0;
  private waiting: ReturnType<typeof setTimeout> | null = null;
  private zoomBefore = 0;
  private named = "";
  private readonly ticking: ReturnType<typeof setInterval>;
  private readonly endPositions: () => void;
  private gone = false;

  constructor(container: HTMLElement, city: CityMap, label: string, texts: StyleTexts, events: EngineEvents) {
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.city = city;
    this.events = events;
    this.motion = new Motion(still);
    this.map = new LibreMap({
      container,
      style: makeStyle(city, texts),
      bounds: boundsOfCity(city),
      fitBoundsOptions: { padding: 24 },
      minZoom: 4,
      maxZoom: 19,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      attributionControl: { compact: false },
      locale: { "Map.Title": label },
      // Names that fade in, or are placed little by little, draw the whole map again and again.
      fadeDuration: still || drawsInSoftware() ? 0 : 150,
      transformRequest: (url) => (isDrill() ? { url, headers: { "Mingdi-Drill": "1" } } : { url }),
    });
    this.camera = new Camera(this.map, city);
    this.overlays = new OverlayState(this.map);
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disableRotation();
    this.map.addControl(this.overlay);
    this.map.on("click", this.onClick);
    this.map.on("mousemove", this.onHover);
    this.map.on("zoom", this.onZoom);
    this.map.on("styledata", this.overlays.apply);
    for (const began of ["dragstart", "wheel", "touchstart"] as const) this.map.on(began, this.onMoved);
    this.endPositions = subscribePositions((changed) => {
      const now_ms = performance.now();
      for (const { unit, lon, lat } of changed) this.motion.moveTo(unit, lon, lat, now_ms);
      if (this.live) this.request();
    });
    this.ticking = setInterval(() => {
      if (this.live && this.scene.units.length > 0) this.request();
    }, AGE_EVERY_MS);
    for (const act of ACTS) window.addEventListener(act, this.onAct, { capture: true, passive: true });
    this.texts = texts;
    this.signs = new SignLayers(texts.minutes);
    // The letters of the signs must not be drawn before their font has come.
    document.fonts.ready.then(() => this.redrawSigns());
    get<MapShapes>("/api/v1/map/districts").then(
      (shapes) => this.setOverlay("district-names", districtNamesOf(shapes)),
      () => {}, // the lines are fetched by the style itself, and told of there
    );
  }

  private redrawSigns(): void {
    if (this.gone) return;
    this.signs = new SignLayers(this.texts.minutes);
    this.applyScene();
  }

  /** Theme or language have changed. */
  restyle(texts: StyleTexts): void {
    if (this.gone) return;
    this.texts = texts;
    this.map.setStyle(makeStyle(this.city, texts), { diff: this.map.isStyleLoaded() === true });
    this.redrawSigns();
  }

  setScene(scene: Scene, live: boolean): void {
    this.scene = scene;
    this.live = live;
    const now_ms = performance.now();
    for (const unit of scene.units) {
      const place = live ? (positionOf(unit.id) ?? unit.point) : unit.point;
      const known = this.motion.at(unit.id, now_ms);
      if (place && (!live || !known)) this.motion.moveTo(unit.id, place.lon, place.lat, now_ms);
    }
    this.motion.keepOnly(new Set(scene.units.map((unit) => unit.id)));
    this.applyScene();
  }

  setLayers(layers: Layers): void {
    this.layers = layers;
    this.overlays.setLayers(layers);
    this.applyScene();
  }

  setOverlay(name: OverlayName, collection: GeoJSON.FeatureCollection | null): void {
    if (!this.gone) this.overlays.set(name, collection);
  }

  select(target: Target | null): void {
    this.selected = target;
    this.request();
  }

  follow(unit: number | null): void {
    this.followed = unit;
    const place = unit === null ? undefined : this.motion.at(unit, performance.now());
    if (place) this.map.easeTo({ center: place, zoom: Math.max(this.map.getZoom(), LOOK_ZOOM - 1), duration: 500 });
    this.request();
  }

  /** As if the middle of the map had been clicked. */
  clickMiddle(): void {
    const { lng, lat } = this.map.getCenter();
    const canvas = this.map.getCanvas();
    this.clickAt({ x: canvas.clientWidth / 2, y: canvas.clientHeight / 2 }, { lon: lng, lat });
  }

  resize(): void {
    this.map.resize();
  }

  destroy(): void {
    this.gone = true;
    clearInterval(this.ticking);
    cancelAnimationFrame(this.requested);
    if (this.waiting !== null) clearTimeout(this.waiting);
    for (const act of ACTS) window.removeEventListener(act, this.onAct, { capture: true });
    this.endPositions();
    this.map.remove();
  }

  // ---- what is heard ----

  private readonly placeNow = (unit: MapUnit): Spot | undefined => {
    const place = this.motion.at(unit.id, performance.now());
    return place && { place, offset: this.offsetOf(unit.id) };
  };

  private offsetOf(unit: number): readonly [number, number] {
    return this.offsets.get(unit) ?? [0, 0];
  }

  private targetAt(at: { x: number; y: number }): Target | null {
    const { units, incidents, facilities, posts } = this.layers;
    const scene: Scene = {
      units: units ? this.scene.units : [],
      incidents: incidents ? this.scene.incidents : [],
      facilities: facilities ? this.scene.facilities : [],
      posts: posts ? this.scene.posts : [],
      marks: [],
    };
    return targetAt(scene, this.placeNow, (lon, lat) => this.map.project([lon, lat]), at);
  }

  private clickAt(at: { x: number; y: number }, point: { lon: number; lat: number }): void {
    this.events.click(this.targetAt(at), point);
  }

  private readonly onClick = (event: MapMouseEvent): void => {
    this.clickAt(event.point, { lon: event.lngLat.lng, lat: event.lngLat.lat });
  };

  private readonly onHover = (event: MapMouseEvent): void => {
    this.map.getCanvas().style.cursor = this.targetAt(event.point) ? "pointer" : "";
  };

  private readonly onZoom = (): void => {
    const zoom = Math.floor(this.map.getZoom());
    if (zoom !== this.zoomBefore) {
      this.zoomBefore = zoom;
      this.applyScene();
    }
  };

  private readonly onAct = (): void => this.pace.acted(performance.now());

  private readonly onMoved = (): void => {
    if (this.followed === null) return;
    this.followed = null;
    this.events.moved();
  };

  // ---- what is drawn ----

  private applyScene(): void {
    this.offsets = stack(this.scene.units, this.map.getZoom() >= LABELS_FROM_ZOOM);
    this.signs?.setScene(this.scene, this.layers);
    this.applyNames();
    this.request();
  }

  /** Only when the names have changed: the scene changes with each unit. */
  private applyNames(): void {
    const marks = this.scene.marks.flatMap(({ label, point }) => (label ? [{ name: label, point }] : []));
    const named = [...(this.layers.facilities ? this.scene.facilities : []), ...marks];
    const key = named.map(({ name, point }) => `${name} ${point.lon} ${point.lat}`).join();
    if (key === this.named) return;
    this.named = key;
    this.setOverlay("names", namesOf(named));
  }

  private request(): void {
    if (this.requested === 0 && this.waiting === null && !this.gone) this.requested = requestAnimationFrame(this.draw);
  }

  private unitPlace(unit: MapUnit, now_ms: number, server_ms: number): UnitPlace | undefined {
    const place = this.motion.at(unit.id, now_ms);
    if (!place) return undefined;
    const at_ms = this.live ? (positionOf(unit.id)?.at_ms ?? unit.at_ms) : undefined;
    return { place, offset: this.offsetOf(unit.id), age_s: at_ms === undefined ? null : (server_ms - at_ms) / 1000 };
  }

  private selectedSpot(now_ms: number): Spot | null {
    const target = this.selected;
    if (!target) return null;
    if (target.kind === "unit") {
      const place = this.motion.at(target.id, now_ms);
      return place ? { place, offset: this.offsetOf(target.id) } : null;
    }
    return spotOf(this.scene, target.kind, target.id);
  }

  private readonly draw = (): void => {
    this.requested = 0;
    if (!this.signs || this.gone) return;
    const now_ms = performance.now();
    const wait_ms = this.pace.wait_ms(now_ms);
    if (wait_ms > 0) return this.drawLater(wait_ms);
    const server_ms = serverNow_ms();
    this.frameNumber += 1;
    const place = (unit: MapUnit) => this.unitPlace(unit, now_ms, server_ms);
    const layers = this.signs.frame(this.frameNumber, this.map.getZoom(), place, this.selectedSpot(now_ms));
    this.overlay.setProps({ layers });
    if (this.followed !== null) {
      const at = this.motion.at(this.followed, now_ms);
      if (at && !this.map.isMoving()) this.map.setCenter(at);
    }
    if (this.motion.isMoving(now_ms)) {
      this.pace.drew(now_ms);
      this.request();
    } else this.pace.rest();
  };

  private drawLater(wait_ms: number): void {
    this.waiting = setTimeout(() => {
      this.waiting = null;
      this.request();
    }, wait_ms);
  }
}
