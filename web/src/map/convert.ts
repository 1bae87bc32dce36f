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

interface Named {
  name: string;
  point: { lon: number; lat: number };
}

export function namesOf(named: readonly Named[]): GeoJSON.FeatureCollection {
  return {
    type: "FeatureCollection",
    features: named.map(({ name, point }) => ({
      type: "Feature",
      properties: { name },
      geometry: { type: "Point", coordinates: [point.lon, point.lat] },
    })),
  };
}

type Ring = readonly (readonly number[])[];

/** The middle of a shape's largest ring: once a district, however many tiles it lies on. */
function middleOf(geometry: GeoJSON.Geometry): { lon: number; lat: number } | null {
  const polygons: readonly (readonly Ring[])[] =
    geometry.type === "Polygon" ? [geometry.coordinates] : geometry.type === "MultiPolygon" ? geometry.coordinates : [];
  let best: { area: number; lon: number; lat: number } | null = null;
  for (const [ring] of polygons) {
    let [area, lon, lat] = [0, 0, 0];
    ring?.forEach(([x = 0, y = 0], i) => {
      const [nextX = 0, nextY = 0] = ring[(i + 1) % ring.length] ?? [];
      const cross = x * nextY - nextX * y;
      area += cross / 2;
      lon += (x + nextX) * cross;
      lat += (y + nextY) * cross;
    });
    if (area !== 0 && (!best || Math.abs(area) > best.area))
      best = { area: Math.abs(area), lon: lon / (6 * area), lat: lat / (6 * area) };
  }
  return best;
}

export function districtNamesOf(shapes: MapShapes): GeoJSON.FeatureCollection {
  const named = (shapes.features as GeoJSON.Feature[]).flatMap(({ geometry, properties }) => {
    const point = middleOf(geometry);
    return point ? [{ name: String(properties?.name ?? ""), point }] : [];
  });
  return namesOf(named);
}
