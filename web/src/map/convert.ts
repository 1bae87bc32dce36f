// What screens give, as GeoJSON.
import type { Point } from "@schema";
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

// One after the other, so that the names of areas that end at the same place do not lie upon each other: north, east, west.
const WAYS = [
  [0, 1],
  [1, 0],
  [-1, 0],
] as const;

/** The vertex of a shape that lies furthest in a direction: where its border is named. */
function extremeOf(geometry: GeoJSON.Geometry, [east, north]: readonly [number, number]): [number, number] | null {
  const rings =
    geometry.type === "Polygon" ? [geometry.coordinates] : geometry.type === "MultiPolygon" ? geometry.coordinates : [];
  let best: [number, number] | null = null;
  for (const [x = 0, y = 0] of rings.flat(2))
    if (!best || x * east + y * north > best[0] * east + best[1] * north) best = [x, y];
  return best;
}

/** Areas by minutes, each with a point on its border that tells them. */
export function isochronesOf(shapes: MapShapes | null | undefined): GeoJSON.FeatureCollection | null {
  const areas = shapesOf(shapes)?.features;
  if (!areas) return null;
  const names = areas.flatMap(({ geometry, properties }, i): GeoJSON.Feature[] => {
    const at = extremeOf(geometry, WAYS[i % WAYS.length] ?? WAYS[0]);
    return at ? [{ type: "Feature", properties, geometry: { type: "Point", coordinates: at } }] : [];
  });
  return { type: "FeatureCollection", features: [...areas, ...names] };
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

/** The south-western and the north-eastern corner of all that the shapes hold. */
export function cornersOf(shapes: MapShapes): readonly [Point, Point] | null {
  const box = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let [west = 0, south = 0, east = 0, north = 0] = box;
  const take = (value: unknown): void => {
    if (!Array.isArray(value)) return;
    const [lon, lat] = value as unknown[];
    if (typeof lon !== "number" || typeof lat !== "number") return value.forEach(take);
    [west, south] = [Math.min(west, lon), Math.min(south, lat)];
    [east, north] = [Math.max(east, lon), Math.max(north, lat)];
  };
  for (const { geometry } of shapes.features as GeoJSON.Feature<GeoJSON.Polygon>[]) take(geometry.coordinates);
  return west <= east
    ? [
        { lon: west, lat: south },
        { lon: east, lat: north },
      ]
    : null;
}
