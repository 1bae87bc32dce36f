import type * as Schema from "@schema";
import { useTranslation } from "react-i18next";

/** The enumerations and sets of the schema, by the name that they have there. */
export interface Labels {
  priority: Schema.Priority;
  bed_kind: Schema.BedKind;
  tier: Schema.Tier;
  call_outcome: Schema.CallOutcome;
  incident_outcome: Schema.IncidentOutcome;
  shortfall_reason: Schema.ShortfallReason;
  mission_end_reason: Schema.MissionEndReason;
  override_reason: Schema.OverrideReason;
  exclusion: Schema.Exclusion;
  facility_exclusion: Schema.FacilityExclusion;
  desk: Schema.Desk;
  subject: Schema.Subject;
  alarm_kind: Schema.AlarmKind;
  alarm_end: Schema.AlarmEnd;
  actor_kind: Schema.ActorKind;
  call_state: Schema.CallState;
  incident_state: Schema.IncidentState;
  mission_state: Schema.MissionState;
  mission_event: Schema.MissionEvent;
  unit_state: Schema.UnitState;
  unit_event: Schema.UnitEvent;
  facility_state: Schema.FacilityState;
  facility_event: Schema.FacilityEvent;
  bed_state: Schema.BedState;
  bed_event: Schema.BedEvent;
  alarm_state: Schema.AlarmState;
  need_set: Schema.NeedSetLabel;
  triage_mark: Schema.TriageMarkLabel;
  sex: Schema.Sex;
  consciousness: Schema.Consciousness;
  diversion_cause: Schema.DiversionCause;
  role: Schema.Role;
}

/** The word for a label of the schema: label("priority", "severe"). Any name of the schema's enumerations will do. */
export type LabelOf = <K extends keyof Labels | (string & {})>(
  kind: K,
  label: K extends keyof Labels ? Labels[K] : string,
) => string;

export function useLabel(): LabelOf {
  const { t } = useTranslation("schema");
  return (kind, label) => t(`${kind}.${label}` as string);
}
