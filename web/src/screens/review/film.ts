// The map of a past hour: frames tell what changed since the frame before; here any frame is had whole. Every so many frames the whole
// state is kept, so that going back costs as little as going on.
import type { Priority, Timeline } from "@schema";
import type { MapIncident, MapUnit, UnitLook } from "@/map";

type UnitRow = [number, number, number, string, number | null, string | null];
type IncidentRow = [number, number, number, Priority, string];

export interface FilmFrame {
  at: string;
  units: MapUnit[];
  incidents: MapIncident[];
}

const KEEP_EVERY = 32;
const E7 = 1e7;

const LOOKS: Record<string, UnitLook> = {
  departed: "to_scene",
  on_scene: "scene",
  at_patient: "scene",
  left_scene: "to_facility",
  at_facility: "facility",
  handed_over: "facility",
};

/** Null: it is off duty, and not shown. */
export function lookOf(state: string, mission: string | null): UnitLook | null {
  if (state === "on_mission") return LOOKS[mission ?? ""] ?? "ordered";
  if (state === "at_post") return "post";
  if (state === "returning" || state === "out_of_service") return state;
  return null;
}

export class Film {
  readonly count: number;
  readonly #timeline: Timeline;
  readonly #codes: ReadonlyMap<number, string>;
  readonly #kept: Map<number, UnitRow>[] = [];

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
    this.count = timeline.frames.length;
    this.#codes = new Map(timeline.units.map((unit) => [unit.id, unit.code]));
    const rows = new Map<number, UnitRow>();
    for (const [index, frame] of timeline.frames.entries()) {
      for (const row of frame.units as UnitRow[]) rows.set(row[0], row);
      if (index % KEEP_EVERY === 0) this.#kept.push(new Map(rows));
    }
  }

  #rowsAt(index: number): Map<number, UnitRow> {
    const rows = new Map(this.#kept[Math.floor(index / KEEP_EVERY)]);
    for (let i = index - (index % KEEP_EVERY) + 1; i <= index; i++) {
      for (const row of (this.#timeline.frames[i]?.units ?? []) as UnitRow[]) rows.set(row[0], row);
    }
    return rows;
  }

  frame(index: number): FilmFrame | null {
    const frame = this.#timeline.frames[index];
    if (!frame) return null;
    const units: MapUnit[] = [];
    for (const [id, lon, lat, state, , mission] of this.#rowsAt(index).values()) {
      const look = lookOf(state, mission);
      if (look)
        units.push({ id, code: this.#codes.get(id) ?? String(id), look, point: { lon: lon / E7, lat: lat / E7 } });
    }
    const incidents = (frame.incidents as IncidentRow[]).map(([id, lon, lat, priority, state]) => ({
      id,
      point: { lon: lon / E7, lat: lat / E7 },
      priority,
      waiting: state !== "served",
    }));
    return { at: frame.at, units, incidents };
  }

  /** The frame at or after the instant. */
  indexAt(at_ms: number): number {
    const index = this.#timeline.frames.findIndex((frame) => Date.parse(frame.at) >= at_ms);
    return index < 0 ? Math.max(0, this.count - 1) : index;
  }
}
