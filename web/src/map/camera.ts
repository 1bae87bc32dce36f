// Where the map looks: its movements when somebody asks to see a place, all of the city, or a thing.
import type { CityMap } from "@schema";
import type { Map as LibreMap } from "maplibre-gl";

interface Point {
  lon: number;
  lat: number;
}

type Bounds = [west: number, south: number, east: number, north: number];

export const LOOK_ZOOM = 15;
const MOVE_MS = 500;
const ZOOM_MS = 200;

export function boundsOfCity(city: CityMap): Bounds {
  const [west = -180, south = -80, east = 180, north = 80] = city.bounds;
  return [west, south, east, north];
}

export function boundsOfPoints(points: readonly Point[]): Bounds {
  const lons = points.map((point) => point.lon);
  const lats = points.map((point) => point.lat);
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
}

export class Camera {
  constructor(
    private readonly map: LibreMap,
    private readonly city: CityMap,
  ) {}

  /** Never farther away than before. */
  lookAt({ lon, lat }: Point, zoom = LOOK_ZOOM): void {
    this.map.easeTo({ center: [lon, lat], zoom: Math.max(this.map.getZoom(), zoom), duration: MOVE_MS });
  }

  fit(points: readonly Point[]): void {
    const [first] = points;
    if (!first) return;
    if (points.length === 1) return this.lookAt(first);
    this.map.fitBounds(boundsOfPoints(points), { padding: 80, maxZoom: 16, duration: MOVE_MS });
  }

  showAll(): void {
    this.map.fitBounds(boundsOfCity(this.city), { padding: 24, duration: MOVE_MS });
  }

  zoomBy(steps: number): void {
    this.map.easeTo({ zoom: this.map.getZoom() + steps, duration: ZOOM_MS });
  }
}
