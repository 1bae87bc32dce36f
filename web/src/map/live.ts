// The scene of this moment, out of the live state.
import type { Incident, MissionState, Unit } from "@schema";
import { isOpen } from "@/live/open";
import { entityOf, liveStore } from "@/live/state";
import type { Scene } from "@/map/scene";
import type { MapFacility, MapIncident, MapPost, MapUnit, UnitLook } from "@/map/types";

const MISSION_LOOKS: Record<MissionState, UnitLook> = {
  assigned: "ordered",
  notified: "ordered",
  acknowledged: "ordered",
  departed: "to_scene",
  on_scene: "scene",
  at_patient: "scene",
  left_scene: "to_facility",
  at_facility: "facility",
  handed_over: "facility",
  ended: "returning",
};

/** null: it is not on the map. */
export function lookOf(unit: Unit): UnitLook | null {
  if (unit.retired || unit.state === "off_duty") return null;
  if (unit.state === "out_of_service") return "out_of_service";
  if (unit.state === "at_post") return "post";
  if (unit.state === "returning") return "returning";
  const mission = entityOf("missions", unit.mission);
  return mission ? MISSION_LOOKS[mission.state] : "to_scene";
}

function unitsOf(units: Iterable<Unit>): MapUnit[] {
  const list: MapUnit[] = [];
  for (const unit of units) {
    const look = lookOf(unit);
    if (look) list.push({ id: unit.id, code: unit.code, look, ...groupOf(unit, look), ...placeOf(unit) });
  }
  return list.sort((one, other) => one.id - other.id);
}

function groupOf(unit: Unit, look: UnitLook): Pick<MapUnit, "group"> {
  if (look === "post" && unit.post !== null) return { group: `post ${unit.post}` };
  return look === "scene" && unit.incident !== null ? { group: `incident ${unit.incident}` } : {};
}

// A position that the stream told with the unit itself: the one of last resort, until a newer one comes.
function placeOf(unit: Unit): Pick<MapUnit, "point" | "at_ms"> {
  const position = unit.position;
  if (!position) return {};
  const at_ms = position.at ? Date.parse(position.at) : Number.NaN;
  return Number.isNaN(at_ms) ? { point: position } : { point: position, at_ms };
}

function incidentOf(incident: Incident): MapIncident {
  const { id, point, priority } = incident;
  return { id, point, priority, waiting: incident.units_assigned === 0 };
}

export function liveScene(): Omit<Scene, "marks"> {
  const { units, incidents, facilities, posts } = liveStore.getState().tables;
  const open = [...incidents.values()].filter((incident) => isOpen("incidents", incident));
  return {
    units: unitsOf(units.values()),
    incidents: open.map(incidentOf).sort((one, other) => other.id - one.id),
    facilities: [...facilities.values()].map(({ id, name, point, state }): MapFacility => ({ id, name, point, state })),
    posts: [...posts.values()].map(({ id, name, point }): MapPost => ({ id, name, point })),
  };
}
