// What goes to the dispatcher: the centre's proposal, unless somebody has decided otherwise by hand.
import type { Call, Incident, NeedSetLabel, Priority } from "@schema";

export interface ByHand {
  priority: Priority | null;
  /** All that is needed; null: as proposed. */
  needs: readonly NeedSetLabel[] | null;
  units: number | null;
}

export const NOTHING_BY_HAND: ByHand = { priority: null, needs: null, units: null };

export interface Decision {
  /** Null: neither proposed nor decided. */
  priority: Priority | null;
  needs: readonly NeedSetLabel[];
  units_wanted: number;
  /** By hand, and other than proposed. */
  overridden: boolean;
  ready: boolean;
}

/** The proposal never says so, but a crew with basic skills is what any unit is. */
function withBasic(needs: readonly NeedSetLabel[]): readonly NeedSetLabel[] {
  return needs.includes("basic") ? needs : ["basic", ...needs];
}

export function decisionOf(call: Call, hand: ByHand): Decision {
  const proposed = call.triage;
  const priority = hand.priority ?? proposed?.priority ?? null;
  return {
    priority,
    needs: withBasic(hand.needs ?? proposed?.needs ?? []),
    units_wanted: hand.units ?? Math.max(1, proposed?.units_wanted ?? 1),
    overridden: hand.priority !== null && hand.priority !== proposed?.priority,
    ready: hand.priority !== null || proposed?.ready === true,
  };
}

/** What an incident has that runs already. */
export function decisionOfIncident(incident: Incident, call: Call): Decision {
  return {
    priority: incident.priority,
    needs: withBasic(incident.needs),
    units_wanted: incident.units_wanted,
    overridden: call.triage?.priority != null && call.triage.priority !== incident.priority,
    ready: true,
  };
}
