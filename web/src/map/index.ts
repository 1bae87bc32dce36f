// The shared map. It comes with its own chunk (MapLibre, deck.gl) when it is first shown; importing this file costs nothing.
//
//   import { MapView } from "@/map";
//   <MapView label={t("map.label")} units="live" incidents="live" selected={target} onSelect={setTarget} />
//
// It fills its parent, which needs a height. `units="live"` moves what the stream tells without rendering anything in React.
//
// Answer (take a place down): onPick={(point) => ...} gets a click on a place, or Enter in the middle of the focused map; show it
//   with marks={[{ point, label }]} and bring it into sight with focus={useMemo(() => ({ point }), [point])}. incidents="live"
//   shows what is going on nearby; onSelect tells which one was clicked.
// Dispatch: units="live" incidents="live"; routes={candidates.map(...)} with strong on the one at hand (GET /routes gives points);
//   fit={[incident.point, ...]} brings incident and candidates into sight when the list changes; selected rings one.
// Review (a frame of the past): units={list of MapUnit with point} and incidents={list}; each new list glides from the last, so a
//   timeline can simply give frame after frame. Give no `at_ms`: the age of a position means nothing there.
//
// Keep lists and objects stable (useMemo): a new one is drawn anew. Layers that are left out of `layers` are shown.
// Text of the map is drawn by the browser from its own fonts: no glyph files are fetched.
import { createElement, lazy, Suspense } from "react";
import type { MapViewProps } from "@/map/types";

const Loaded = lazy(async () => ({ default: (await import("@/map/MapView")).MapView }));

export function MapView(props: MapViewProps) {
  return createElement(Suspense, { fallback: null }, createElement(Loaded, props));
}

export { cornersOf } from "@/map/convert";
export { SignPicture } from "@/map/SignPicture";
export type {
  Focus,
  HeatCell,
  Layers,
  MapIncident,
  MapMark,
  MapRoute,
  MapShapes,
  MapUnit,
  MapViewProps,
  Target,
  UnitLook,
} from "@/map/types";
