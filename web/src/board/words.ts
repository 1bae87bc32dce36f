import type { Call, Facility, Incident, Mission, Point, Unit } from "@schema";
import { useTranslation } from "react-i18next";
import type { BoardState } from "@/board/board";
import { useFormat } from "@/i18n/format";
import { useLabel } from "@/i18n/labels";
import { knownPlace, placeName } from "@/lib/place";

const OLD_POSITION_MS = 600_000;
const OLD_BEDS_MS = 3_600_000;

/** The cells of the board's rows, as texts. */
export function useBoardWords(state: BoardState) {
  const { t } = useTranslation("board");
  const format = useFormat();
  const label = useLabel();
  const time = (at: string | number | null | undefined) => (at == null ? "" : format.time(at));
  const aged = (at: string | number | null, limit_ms: number) => {
    if (at === null) return "";
    const age_ms = state.printed_ms - (typeof at === "number" ? at : Date.parse(at));
    return age_ms > limit_ms ? t("old", { at: time(at), minutes: Math.floor(age_ms / 60_000) }) : time(at);
  };
  const place = (point: Point | null | undefined, district: string | undefined) => {
    if (!point) return "";
    const around = knownPlace(point);
    const where = `(${point.lat.toFixed(5)}, ${point.lon.toFixed(5)})`;
    return [around ? placeName(around) : null, district, where].filter(Boolean).join(" ");
  };
  const missionOf = (unit: Unit) => state.missions.find((one) => one.unit === unit.id);
  return {
    call: (call: Call) => [
      `${call.id}`,
      label("call_state", call.state),
      time(call.offered_at),
      time(call.answered_at),
      call.seat_name || call.seat_code || "",
      place(call.point, call.district_name),
    ],
    incident: (incident: Incident) => [
      `${incident.id}`,
      label("priority", incident.priority),
      label("incident_state", incident.state),
      time(incident.offered_at),
      place(incident.point, incident.district_name),
      incident.needs.map((need) => label("need_set", need)).join(t("and")),
      `${incident.units_assigned}/${incident.units_wanted} ${state.missions
        .filter((mission) => mission.incident === incident.id)
        .map((mission) => `${mission.unit_code ?? ""} ${label("mission_state", mission.state)}`)
        .join("; ")}`,
    ],
    mission: (mission: Mission) => [
      mission.unit_code ?? "",
      `${mission.incident}`,
      label("mission_state", mission.state),
      time(mission.assigned_at),
      time(mission.departed_at),
      time(mission.on_scene_at),
      time(mission.at_facility_at),
      mission.facility_name || mission.facility_code || "",
    ],
    unit: (unit: Unit) => {
      const position = state.positions.get(unit.id);
      const mission = missionOf(unit);
      const where = position ? `(${position.lat.toFixed(4)}, ${position.lon.toFixed(4)})` : "";
      return [
        unit.code,
        unit.name === unit.code ? "" : unit.name,
        label("unit_state", unit.state) + (mission ? ` · ${t("atIncident", { id: mission.incident })}` : ""),
        time(unit.changed_at),
        unit.post_name || unit.post_code || "",
        position ? `${where} ${aged(position.at_ms, OLD_POSITION_MS)}` : "",
        unit.skills.map((skill) => label("need_set", skill)).join(t("and")),
      ];
    },
    facility: (facility: Facility) => [
      facility.code,
      facility.name === facility.code ? "" : facility.name,
      label("tier", facility.tier),
      facility.state === "diverting"
        ? t("diverting", {
            state: label("facility_state", facility.state),
            cause: label("diversion_cause", facility.diverting_cause),
            until: facility.diverting_until ? t("until", { at: time(facility.diverting_until) }) : "",
          })
        : label("facility_state", facility.state),
      facility.capabilities.map((need) => label("need_set", need)).join(t("and")),
      facility.beds
        .map((beds) =>
          t("beds", {
            kind: label("bed_kind", beds.kind),
            free: beds.available,
            taken: beds.occupied,
            at: aged(beds.counted_at, OLD_BEDS_MS),
          }),
        )
        .join("; "),
    ],
  };
}
