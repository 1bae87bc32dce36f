import { type Labels, useLabel } from "@/i18n/labels";
import { Badge, type Tone } from "@/ui/Badge";

type StateKind = "call_state" | "incident_state" | "mission_state" | "unit_state" | "facility_state" | "alarm_state";

const TONES: { [K in StateKind]: Partial<Record<Labels[K], Tone>> } = {
  call_state: { offered: "bad", abandoned: "warn", answered: "accent", located: "accent" },
  incident_state: { asking: "accent", recommended: "bad", queued: "warn", served: "ok" },
  mission_state: {
    assigned: "warn",
    notified: "warn",
    acknowledged: "accent",
    departed: "accent",
    on_scene: "accent",
    at_patient: "accent",
    left_scene: "accent",
    at_facility: "accent",
    handed_over: "ok",
  },
  unit_state: { at_post: "ok", returning: "ok", on_mission: "accent", out_of_service: "bad" },
  facility_state: { open: "ok", diverting: "warn", shut: "bad" },
  alarm_state: { raised: "bad", acknowledged: "warn", cleared: "ok" },
};

/** The state of an entity as its word, with a tone. */
export function StateMark<K extends StateKind>({ kind, state }: { kind: K; state: Labels[K] }) {
  const label = useLabel();
  const tones: Partial<Record<string, Tone>> = TONES[kind];
  return <Badge tone={tones[state] ?? "plain"}>{label<K>(kind, state as never)}</Badge>;
}
