// Where the patient can go: what the centre recommends, and without network what the phone knows.
import { type NeedSetLabel, needSetValues, type Point } from "@schema";
import { act } from "@/screens/crew/acts";
import type { CrewFacility, Known } from "@/screens/crew/known";

const FIRST_PROBLEM = needSetValues.indexOf("chest_pain");
/** What a patient can need of a facility; what comes before it, units have. */
export const PROBLEMS: readonly NeedSetLabel[] = needSetValues.slice(FIRST_PROBLEM);

const EARTH_M = 6_371_000;

/** As the crow flies, by the haversine formula. */
export function distance_m(from: Point, to: Point): number {
  const radians = (degrees: number) => (degrees * Math.PI) / 180;
  const half = (one: number, other: number) => Math.sin(radians(other - one) / 2) ** 2;
  const chord =
    half(from.lat, to.lat) + Math.cos(radians(from.lat)) * Math.cos(radians(to.lat)) * half(from.lon, to.lon);
  return 2 * EARTH_M * Math.asin(Math.sqrt(chord));
}

export interface Nearby {
  facility: CrewFacility;
  distance_m: number;
  capable: boolean;
}

/** Those that can treat it first, then by distance. */
export function nearest(facilities: readonly CrewFacility[], from: Point, needs: readonly NeedSetLabel[]): Nearby[] {
  const wanted = needs.filter((need) => PROBLEMS.includes(need));
  return facilities
    .map((facility) => ({
      facility,
      distance_m: distance_m(from, facility.point),
      capable: wanted.every((need) => facility.capabilities.includes(need)),
    }))
    .sort(
      (one, other) =>
        Number(other.capable) - Number(one.capable) ||
        one.distance_m - other.distance_m ||
        one.facility.id - other.facility.id,
    );
}

/** Asks the centre which facility: with the needs that the call has told, if the crew has not said more. */
export function askForFacility(known: Known, needs?: readonly NeedSetLabel[]): void {
  const { mission, incident } = known;
  if (!mission || (mission.facility_asked && !needs)) return;
  const wanted = needs ?? (incident?.needs ?? []).filter((need) => PROBLEMS.includes(need));
  act("transport_request", {
    mission: mission.id,
    needs: [...wanted],
    bed_kind: "emergency",
    tier_min: "community",
  });
}
