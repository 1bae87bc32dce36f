import type { Point, Priority } from "@schema";

/** How a unit looks: what it does, told by shape and colour both. */
export type UnitLook =
  | "post"
  | "returning"
  | "ordered"
  | "to_scene"
  | "scene"
  | "to_facility"
  | "facility"
  | "out_of_service";

export interface MapUnit {
  id: number;
  code: string;
  look: UnitLook;
  /** The station or scene where it stands, if it does: "post 3", "incident 17". Units of one group are drawn beside each other. */
  group?: string;
  /** Where it stands when its positions do not come from the stream (a frame of the past). */
  point?: Point;
  /** When it stood there, milliseconds since 1970; missing: its age is not shown. */
  at_ms?: number;
}

export interface MapIncident {
  id: number;
  point: Point;
  priority: Priority;
  /** Nobody is on the way yet. */
  waiting: boolean;
}

export interface MapFacility {
  id: number;
  name: string;
  point: Point;
  state: "open" | "diverting" | "shut";
}

export interface MapPost {
  id: number;
  name: string;
  point: Point;
}

export type TargetKind = "unit" | "incident" | "facility" | "post";

export interface Target {
  kind: TargetKind;
  id: number;
}

/** A pin: the place that a caller names, the result of a search. */
export interface MapMark {
  point: Point;
  label?: string;
}

/** A way on the map; the first of several is drawn strongest. */
export interface MapRoute {
  points: readonly (readonly [number, number])[];
  strong?: boolean;
}

/** A GeoJSON FeatureCollection as the API gives it; isochrones have the property minutes. */
export interface MapShapes {
  type: string;
  features: unknown;
}

/** Longitude, latitude, how many. */
export type HeatCell = readonly [number, number, number];

export interface Layers {
  units: boolean;
  incidents: boolean;
  facilities: boolean;
  posts: boolean;
  districts: boolean;
  labels: boolean;
}

export const ALL_LAYERS: Layers = {
  units: true,
  incidents: true,
  facilities: true,
  posts: true,
  districts: true,
  labels: true,
};

/** Where the map looks; a new object moves it there, the same object again does not. */
export interface Focus {
  point: Point;
  zoom?: number;
}

export interface MapViewProps {
  /** What this map is for, for those who do not see it. */
  label: string;
  /** "live": those of the stream, moving. A list: these, for example of a frame of the past. */
  units?: "live" | readonly MapUnit[];
  incidents?: "live" | readonly MapIncident[];
  layers?: Partial<Layers>;
  marks?: readonly MapMark[];
  routes?: readonly MapRoute[];
  isochrones?: MapShapes | null;
  coverage?: MapShapes | null;
  heat?: readonly HeatCell[] | null;
  selected?: Target | null;
  /** A unit, incident, facility or post was clicked, or Enter was pressed on it; null: on nothing. */
  onSelect?: (target: Target | null) => void;
  /** A place was clicked, or Enter was pressed where nothing is: for who takes a place down. Instead of onSelect(null). */
  onPick?: (point: Point) => void;
  focus?: Focus | null;
  /** Keeps this unit in the middle until the person moves the map; onFollowEnd tells of that. */
  follow?: number | null;
  onFollowEnd?: () => void;
  /** Units, incidents or marks that must be in sight, once when the list changes (by content). */
  fit?: readonly Point[] | null;
}
