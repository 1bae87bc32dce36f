// What a dispatcher can do, as data: keys, buttons and the command line make the same orders, and one place carries them out.
import type {
  BedKind,
  MissionEvent,
  NeedSet,
  OverrideReason,
  Priority,
  ShortfallReason,
  Tier,
  UnitEvent,
} from "@schema";

/** `revision`: of what the person saw; missing: as it stands now. `asks`: it is not as recommended, and needs a reason. */
export type Order =
  | { what: "send"; incident: number; unit: number; override?: OverrideReason; asks?: boolean; revision?: number }
  | { what: "swap"; incident: number; mission: number; unit: number; override?: OverrideReason }
  | { what: "more"; incident: number; more: number; needs: NeedSet }
  | { what: "cancel"; incident: number; revision?: number }
  | { what: "stand_down"; mission: number; still_needed: boolean }
  | { what: "priority"; incident: number; priority: Priority; revision?: number }
  | { what: "shortfall"; incident: number; reason: ShortfallReason; revision?: number }
  | { what: "reconsider"; incident: number; revision?: number }
  | { what: "destination"; mission: number; facility: number; override?: OverrideReason; asks?: boolean }
  | { what: "transport"; mission: number; needs: NeedSet; bed_kind: BedKind; tier_min: Tier }
  | { what: "report_mission"; mission: number; stage: MissionEvent }
  | { what: "report_unit"; unit: number; event: UnitEvent }
  | { what: "move"; unit: number; post: number }
  | { what: "acknowledge"; alarms: readonly number[] }
  | { what: "message"; unit: number; incident: number | null; text: string }
  | { what: "read"; message: number };

export type OrderKind = Order["what"];
