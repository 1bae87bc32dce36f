// What is laid on the roads: isochrones and coverage below them, demand as heat, routes above.
import type { LayerSpecification, SourceSpecification } from "maplibre-gl";
import { token } from "@/map/tokens";

export const EMPTY = { type: "FeatureCollection" as const, features: [] };
const NAMES = ["isochrones", "coverage", "routes", "heat", "names", "district-names"] as const;
export type OverlayName = (typeof NAMES)[number];

export function overlaySources(): Record<string, SourceSpecification> {
  return Object.fromEntries(NAMES.map((name) => [name, { type: "geojson", data: EMPTY }]));
}

function below(): LayerSpecification[] {
  return [
    {
      id: "coverage-fill",
      type: "fill",
      source: "coverage",
      paint: { "fill-color": token("ok"), "fill-opacity": 0.16 },
    },
    {
      id: "coverage-line",
      type: "line",
      source: "coverage",
      paint: { "line-color": token("ok"), "line-opacity": 0.7, "line-width": 1.2 },
    },
    // The areas lie within each other, so that what is reached soonest is the strongest.
    {
      id: "isochrone-fill",
      type: "fill",
      source: "isochrones",
      paint: { "fill-color": token("accent"), "fill-opacity": 0.09 },
    },
    {
      id: "isochrone-line",
      type: "line",
      source: "isochrones",
      paint: { "line-color": token("accent"), "line-width": 1.4, "line-opacity": 0.85 },
    },
    {
      id: "heat",
      type: "heatmap",
      source: "heat",
      maxzoom: 17,
      paint: {
        "heatmap-weight": ["get", "weight"],
        "heatmap-radius": ["interpolate", ["exponential", 1.7], ["zoom"], 9, 10, 15, 60],
        "heatmap-opacity": 0.6,
        "heatmap-color": [
          "interpolate",
          ["linear"],
          ["heatmap-density"],
          0,
          "rgba(0,0,0,0)",
          0.25,
          token("accent-soft"),
          0.6,
          token("urgent"),
          1,
          token("critical"),
        ],
      },
    },
  ];
}

function above(minutes: string): LayerSpecification[] {
  const round = { "line-cap": "round", "line-join": "round" } as const;
  return [
    {
      id: "route-casing",
      type: "line",
      source: "routes",
      layout: round,
      paint: { "line-color": token("surface-0"), "line-width": 8, "line-opacity": 0.7 },
    },
    {
      id: "route",
      type: "line",
      source: "routes",
      layout: round,
      paint: {
        "line-color": token("accent"),
        "line-width": ["case", ["get", "strong"], 5, 3.5],
        "line-opacity": ["case", ["get", "strong"], 1, 0.6],
      },
    },
    {
      id: "isochrone-label",
      type: "symbol",
      source: "isochrones",
      filter: ["==", ["geometry-type"], "Point"],
      layout: {
        "text-field": ["concat", ["to-string", ["get", "minutes"]], minutes],
        "text-font": ["Semibold", "Inter Variable", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC"],
        "text-size": 12,
        "text-allow-overlap": true,
      },
      paint: {
        "text-color": token("accent-strong"),
        "text-halo-color": token("map-halo"),
        "text-halo-width": 2,
      },
    },
  ];
}

export function overlayLayers(where: "below" | "above", minutes: string): LayerSpecification[] {
  return where === "below" ? below() : above(minutes);
}
