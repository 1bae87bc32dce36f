// What screens give, as GeoJSON.
import type { HeatCell, MapRoute, MapShapes } from "@/map/types";

export function routesOf(routes: readonly MapRoute[]): GeoJSON.FeatureCollection {
  // The strongest last, so that it lies on top.
  const ordered = [...routes].sort((one, other) => Number(one.strong ?? false) - Number(other.strong ?? false));
  return {
    type: "FeatureCollection",
    features: ordered.map(({ points, strong }) => ({
      type: "Feature",
      properties: { strong: strong ?? false },
      geometry: { type: "LineString", coordinates: points.map(([lon, lat]) => [lon, lat]) },
    })),
  };
}

export function heatOf(cells: readonly HeatCell[]): GeoJSON.FeatureCollection {
  const most = Math.max(1, ...cells.map(([, , count]) => count));
  return {
    type: "FeatureCollection",
    features: cells.map(([lon, lat, count]) => ({
      type: "Feature",
      properties: { weight: count / most },
      geometry: { type: "Point", coordinates: [lon, lat] },
    })),
  };
}

export function shapesOf(shapes: MapShapes | null | undefined): GeoJSON.FeatureCollection | null {
  return shapes ? { type: "FeatureCollection", features: shapes.features as GeoJSON.Feature[] } : null;
}
