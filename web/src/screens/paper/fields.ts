// What is typed from one call form and from what completes it. All of it is text, as it was typed, until it is checked.
import type { NeedSetLabel, Priority, ShortfallReason } from "@schema";

/** A unit's column of its log, in the order in which it is printed. */
export const STAGES = [
  "sent",
  "notified",
  "acknowledged",
  "departed",
  "on_scene",
  "at_patient",
  "left_scene",
  "at_hospital",
  "handed_over",
  "available",
  "back_at_post",
] as const;
export type Stage = (typeof STAGES)[number];

/** What the server calls them. */
export const STAGE_MEMBERS = {
  sent: "assigned_at",
  notified: "notified_at",
  acknowledged: "acknowledged_at",
  departed: "departed_at",
  on_scene: "on_scene_at",
  at_patient: "at_patient_at",
  left_scene: "left_scene_at",
  at_hospital: "at_facility_at",
  handed_over: "handed_over_at",
  available: "available_at",
  back_at_post: "back_at_post_at",
} as const satisfies Record<Stage, string>;

/** Why a mission ended otherwise than completed, which is what nothing means. */
export const ENDS = ["cancelled", "diverted", "broke_down"] as const;
export type End = (typeof ENDS)[number];

/** Ticks of "ended without a unit". */
export const WITHOUT = ["advice", "no_emergency", "referred", "not_reached", "hung_up"] as const;
export type Without = (typeof WITHOUT)[number];

export const NEEDS: readonly NeedSetLabel[] = [
  "advanced",
  "physician",
  "isolation",
  "newborn",
  "neonatal",
  "ventilator",
  "bariatric",
  "defibrillator",
];

export interface PaperPlace {
  name: string;
  lon: number;
  lat: number;
}

export type UnitFields = Record<Stage, string> & { unit: string; hospital: string; ended: End | "" };

export interface FormFields {
  form: string;
  /** "2026-11-22": of the ring, where work on paper lasted more than a day. */
  day: string;
  rang: string;
  answered: string;
  seat: string;
  number: string;
  name: string;
  located: string;
  placeText: string;
  place: PaperPlace | null;
  district: string;
  remarks: string;
  recognised: string;
  compressions: string;
  priority: Priority | "";
  decided: string;
  wanted: string;
  needs: NeedSetLabel[];
  without: Without | "";
  sameAs: string;
  short: string;
  whyShort: ShortfallReason | "";
  units: UnitFields[];
}

export const UNITS_MAX = 16;

export function emptyUnit(): UnitFields {
  const stages = Object.fromEntries(STAGES.map((stage) => [stage, ""])) as Record<Stage, string>;
  return { ...stages, unit: "", hospital: "", ended: "" };
}

/** Day and seat are those of the form before: one pile, one desk. */
export function emptyForm(before?: FormFields): FormFields {
  return {
    form: "",
    day: before?.day ?? "",
    rang: "",
    answered: "",
    seat: before?.seat ?? "",
    number: "",
    name: "",
    located: "",
    placeText: "",
    place: null,
    district: "",
    remarks: "",
    recognised: "",
    compressions: "",
    priority: "",
    decided: "",
    wanted: "",
    needs: [],
    without: "",
    sameAs: "",
    short: "",
    whyShort: "",
    units: [emptyUnit()],
  };
}

export function unitIsEmpty(unit: UnitFields): boolean {
  return Object.values(unit).every((value) => value === "");
}

/** Whether anything was typed that would be missed. */
export function formIsEmpty(fields: FormFields): boolean {
  const blank = emptyForm(fields);
  return (
    fields.units.every(unitIsEmpty) &&
    fields.needs.length === 0 &&
    fields.place === null &&
    (Object.keys(blank) as (keyof FormFields)[]).every(
      (name) => name === "units" || name === "needs" || name === "place" || fields[name] === blank[name],
    )
  );
}
