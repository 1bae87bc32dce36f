import type { Grant } from "@schema";
import type { Fault } from "@/screens/admin/parts/check";

export const GRANTS_MAX = 8;
export const NO_GRANT: Grant = { role: "", scope: "centre", id: 0 };

/** What is wrong with one of several grants. */
export function checkGrant(grant: Grant, before: readonly Grant[]): Fault | undefined {
  if (grant.role === "") return { fault: "choose" };
  if (grant.scope !== "centre" && grant.id === 0) return { fault: "choose" };
  const twice = before.some((one) => one.role === grant.role && one.scope === grant.scope && one.id === grant.id);
  return twice ? { fault: "twice" } : undefined;
}

export function checkGrants(grants: readonly Grant[]): Fault | undefined {
  if (grants.length > GRANTS_MAX) return { fault: "tooMany", values: { most: GRANTS_MAX } };
  for (const [index, grant] of grants.entries()) {
    const fault = checkGrant(grant, grants.slice(0, index));
    if (fault) return fault;
  }
  return undefined;
}
