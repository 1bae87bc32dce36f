import type { TokenRow } from "@/screens/admin/types";

/** Tokens count by the real time, also in a drill whose clock runs faster. */
export function tokenState(token: TokenRow, now_ms: number): "valid" | "expired" | "revoked" {
  if (token.revoked_at !== null) return "revoked";
  return token.expires_at !== null && Date.parse(token.expires_at) <= now_ms ? "expired" : "valid";
}
