import type { Role, Session } from "@schema";

/** Who may read the indicators (schema/rights.toml, resource "indicators"). */
const READERS: readonly Role[] = ["duty_commander", "district_health_officer", "planner", "quality_reviewer"];

export interface Scope {
  /** Null: the whole centre. */
  district: number | null;
}

/** The widest part of the city whose indicators this person may see; null: none. */
export function scopeOf(session: Session | null): Scope | null {
  const grants = (session?.person.grants ?? []).filter((grant) => (READERS as readonly string[]).includes(grant.role));
  if (grants.some((grant) => grant.scope === "centre")) return { district: null };
  const first = grants.find((grant) => grant.scope === "district");
  return first ? { district: first.id } : null;
}
