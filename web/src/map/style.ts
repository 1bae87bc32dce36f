// The map's look: vector tiles of the city file, coloured by the design's tokens. No glyphs, no sprite, nothing from elsewhere:
// without a glyphs address MapLibre draws all letters from the fonts of this machine and of the console.
import type { CityMap } from "@schema";
import type {
  DataDrivenPropertyValueSpecification,
  ExpressionSpecification,
  LayerSpecification,
  StyleSpecification,
} from "maplibre-gl";
import { overlayLayers, overlaySources } from "@/map/styleOverlays";
import { DISTRICTS_OPACITY } from "@/map/styleSwitch";
import { token } from "@/map/tokens";

const PATHS = ["footway", "cycleway", "pedestrian", "steps", "track"];
const STREETS = ["unknown", "unclassified", "residential", "living_street", "service"];
const ROADS = ["tertiary", "tertiary_link", "secondary_link", "primary_link", "secondary"];
const MAIN = ["primary", "trunk", "trunk_link", "motorway_link"];

const SOURCE = { source: "city", "source-layer": "roads" } as const;
// MapLibre reads the weight out of the first name; the fonts that are really meant follow it.
const FAMILIES = ["Inter Variable", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC"];
export const FONT = FAMILIES;
export const FONT_BOLD = ["Semibold", ...FAMILIES];

function isClass(...classes: string[]): ExpressionSpecification {
  return ["in", ["get", "class"], ["literal", classes]];
}

/** Points of the screen by zoom, doubling about every zoom and a half. */
function width(at10: number, at14: number, at18: number): DataDrivenPropertyValueSpecification<number> {
  return ["interpolate", ["exponential", 1.45], ["zoom"], 10, at10, 14, at14, 18, at18];
}

interface Class {
  id: string;
  classes: string[];
  colour: string;
  width: [number, number, number];
  minzoom?: number;
}

const CLASSES: readonly Class[] = [
  { id: "path", classes: PATHS, colour: "map-path", width: [0.3, 0.7, 4], minzoom: 13.5 },
  { id: "street", classes: STREETS, colour: "map-street", width: [0.5, 1.8, 15] },
  { id: "road", classes: ROADS, colour: "map-road", width: [0.9, 2.8, 19] },
  { id: "main", classes: MAIN, colour: "map-main", width: [1.3, 3.6, 23] },
  { id: "motorway", classes: ["motorway"], colour: "map-motorway", width: [1.7, 4.4, 26] },
];

function roadLayers(): LayerSpecification[] {
  const round = { "line-cap": "round", "line-join": "round" } as const;
  const casings = CLASSES.filter((one) => one.id !== "path").map((one): LayerSpecification => {
    const [at10, at14, at18] = one.width;
    const paint = { "line-color": token("map-casing"), "line-width": width(at10 + 0.4, at14 + 1.6, at18 + 3) };
    return {
      id: `${one.id}-casing`,
      type: "line",
      ...SOURCE,
      minzoom: 12,
      filter: isClass(...one.classes),
      layout: round,
      paint,
    };
  });
  const lines = CLASSES.map((one): LayerSpecification => {
    const tunnel: ExpressionSpecification = ["case", ["==", ["get", "structure"], "tunnel"], 0.35, 1];
    return {
      id: one.id,
      type: "line",
      ...SOURCE,
      minzoom: one.minzoom ?? 0,
      filter: isClass(...one.classes),
      layout: round,
      paint: { "line-color": token(one.colour), "line-width": width(...one.width), "line-opacity": tunnel },
    };
  });
  const ferry: LayerSpecification = {
    id: "ferry",
    type: "line",
    ...SOURCE,
    filter: isClass("ferry"),
    paint: { "line-color": token("map-border"), "line-width": 1, "line-dasharray": [4, 4] },
  };
  return [ferry, ...casings, ...lines];
}

function areaLayers(): LayerSpecification[] {
  return ["built", "green", "water"].map((kind) => ({
    id: kind,
    type: "fill",
    source: "city",
    "source-layer": "areas",
    filter: ["==", ["get", "kind"], kind],
    paint: { "fill-color": token(`map-${kind}`) },
  }));
}

/** The name as it stands on the signs; a reader of the other language finds the name that he knows below it. */
function nameField(language: string): ExpressionSpecification {
  const other = language.startsWith("zh") ? "name_zh" : "name_en";
  const differs: ExpressionSpecification = ["all", ["has", other], ["!=", ["get", other], ["get", "name"]]];
  return ["case", differs, ["concat", ["get", "name"], "\n", ["get", other]], ["get", "name"]];
}

function labelLayers(language: string): LayerSpecification[] {
  const paint = { "text-color": token("map-text"), "text-halo-color": token("map-halo"), "text-halo-width": 1.4 };
  const strong = { ...paint, "text-color": token("map-text-strong") };
  const roadLabel = (
    id: string,
    filter: ExpressionSpecification,
    minzoom: number,
    size: number,
  ): LayerSpecification => ({
    id,
    type: "symbol",
    source: "city",
    "source-layer": "road_labels",
    minzoom,
    filter,
    layout: {
      "symbol-placement": "line",
      "symbol-spacing": 320,
      "text-field": ["get", "name"],
      "text-font": FONT,
      "text-size": size,
      "text-max-angle": 30,
      "text-padding": 6,
    },
    paint,
  });
  // Platforms are drawn as ways, and called "A".
  const named: ExpressionSpecification = [">", ["length", ["get", "name"]], 2];
  const small = isClass("residential", "living_street", "unclassified", "unknown", "service", ...PATHS);
  const place = (
    id: string,
    range: [number, number],
    minzoom: number,
    size: number,
    font: string[],
  ): LayerSpecification => ({
    id,
    type: "symbol",
    source: "city",
    "source-layer": "places",
    minzoom,
    filter: ["all", [">=", ["get", "rank"], range[0]], ["<", ["get", "rank"], range[1]]],
    layout: {
      "text-field": nameField(language),
      "text-font": font,
      "text-size": size,
      "text-max-width": 9,
      "text-padding": 10,
      "symbol-sort-key": ["get", "rank"],
    },
    paint: size > 12 ? strong : paint,
  });
  return [
    roadLabel("label-small", ["all", small, named], 14.5, 10.5),
    roadLabel("label-large", ["!", small], 12, 11.5),
    place("place-detail", [120, 256], 14, 11, FONT),
    place("place-middle", [70, 120], 12.5, 11.5, FONT),
    place("place-quarter", [31, 70], 10, 13, FONT_BOLD),
    place("place-city", [0, 31], 5, 16, FONT_BOLD),
  ];
}

function districtLayers(): LayerSpecification[] {
  return [
    {
      id: "district-line",
      type: "line",
      source: "districts",
      paint: {
        "line-color": token("map-border"),
        "line-width": ["interpolate", ["linear"], ["zoom"], 9, 1, 15, 2.5],
        "line-dasharray": [5, 3],
        "line-opacity": DISTRICTS_OPACITY,
      },
    },
    {
      id: "district-label",
      type: "symbol",
      source: "district-names",
      maxzoom: 13,
      layout: {
        "text-field": ["get", "name"],
        "text-font": FONT_BOLD,
        "text-size": 13,
        "text-letter-spacing": 0.12,
        "text-transform": "uppercase",
      },
      paint: {
        "text-color": token("map-text"),
        "text-halo-color": token("map-halo"),
        "text-halo-width": 1.6,
      },
    },
  ];
}

/** Names of hospitals and pins: always there, beneath their signs. */
function nameLayer(): LayerSpecification {
  return {
    id: "names",
    type: "symbol",
    source: "names",
    minzoom: 11,
    layout: {
      "text-field": ["get", "name"],
      "text-font": FONT_BOLD,
      "text-size": 12,
      "text-anchor": "bottom",
      "text-offset": [0, -1.2],
      "text-max-width": 12,
      "text-optional": true,
    },
    paint: { "text-color": token("text"), "text-halo-color": token("map-halo"), "text-halo-width": 1.6 },
  };
}

/** What the style says in words. */
export interface StyleTexts {
  language: string;
  /** Behind a number of minutes, with its space: " min". */
  minutes: string;
}

export function makeStyle(city: CityMap, texts: StyleTexts): StyleSpecification {
  const [west = -180, south = -85, east = 180, north = 85] = city.bounds;
  const tiles = `${window.location.origin}/api/v1/map/tiles/{z}/{x}/{y}?v=${city.fingerprint}`;
  return {
    version: 8,
    // What is switched is switched in one picture.
    transition: { duration: 0, delay: 0 },
    sources: {
      city: {
        type: "vector",
        tiles: [tiles],
        minzoom: city.min_zoom,
        maxzoom: city.max_zoom,
        bounds: [west, south, east, north],
        attribution: city.sources.map((source) => `© ${source}`).join(", "),
      },
      districts: { type: "geojson", data: `${window.location.origin}/api/v1/map/districts` },
      ...overlaySources(),
    },
    layers: [
      { id: "land", type: "background", paint: { "background-color": token("map-land") } },
      ...areaLayers(),
      ...overlayLayers("below", texts.minutes),
      ...roadLayers(),
      ...overlayLayers("above", texts.minutes),
      ...districtLayers(),
      ...labelLayers(texts.language),
      nameLayer(),
    ],
  };
}
