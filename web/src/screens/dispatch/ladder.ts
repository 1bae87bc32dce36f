// The numbered rules of the two policies (src/policy/dispatch.h, destination.h), by their names: the texts are ours.
const DISPATCH = {
  standard: ["fit", "soonest", "diversion", "spare", "age", "earlier", "rested", "id"],
  nearest: ["soonest", "id"],
} as const;

const DESTINATION = {
  standard: ["soonest", "nearer", "tier", "id"],
  nearest: ["nearer", "id"],
} as const;

export type DispatchRule = (typeof DISPATCH.standard)[number];
export type DestinationRule = (typeof DESTINATION.standard)[number];

const policyOf = (name: string | undefined) => (name === "nearest" ? "nearest" : "standard");

/** The rule by which a candidate ranks below the one before it; null for the first, or for a rule of a newer server. */
export function dispatchRule(policy: string | undefined, rule: number): DispatchRule | null {
  return DISPATCH[policyOf(policy)][rule - 1] ?? null;
}

export function destinationRule(policy: string | undefined, rule: number): DestinationRule | null {
  return DESTINATION[policyOf(policy)][rule - 1] ?? null;
}
