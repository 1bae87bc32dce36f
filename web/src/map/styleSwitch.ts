// Layers of the style that a person switches on and off.
import type { Map as LibreMap } from "maplibre-gl";
import type { Layers } from "@/map/types";

export const DISTRICTS_OPACITY = 0.8;

/** What of the style shows names. Without them others may stand in their place, so their tiles are read anew. */
const LABEL_LAYERS = [
  "label-small",
  "label-large",
  "place-detail",
  "place-middle",
  "place-quarter",
  "place-city",
] as const;

/**
 * What of the style shows districts: the opacity to switch, and what it is when it is on. No tile is read anew for that, and as the
 * lowest names of all they keep no other from its place while nobody sees them.
 */
const DISTRICT_LAYERS = [
  { id: "district-line", property: "line-opacity", shown: DISTRICTS_OPACITY },
  { id: "district-label", property: "text-opacity", shown: 1 },
] as const;

/** Where the style is not as wanted, it is changed. */
export function switchLayers(map: LibreMap, layers: Layers): void {
  const labels = layers.labels ? "visible" : "none";
  for (const id of LABEL_LAYERS) {
    if (map.getLayer(id) && (map.getLayoutProperty(id, "visibility") ?? "visible") !== labels)
      map.setLayoutProperty(id, "visibility", labels);
  }
  for (const { id, property, shown } of DISTRICT_LAYERS) {
    const wanted = layers.districts ? shown : 0;
    if (map.getLayer(id) && (map.getPaintProperty(id, property) ?? 1) !== wanted)
      map.setPaintProperty(id, property, wanted);
  }
}
