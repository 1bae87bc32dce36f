// What the lists of administration answer, where the schema says "any".
import type { Grant } from "@schema";

export interface PersonRow {
  id: number;
  revision: number;
  /** To sign in with. */
  name: string;
  display: string;
  grants: Grant[];
  disabled: boolean;
  totp_required: boolean;
  /** A secret for one-time codes is set. */
  totp: boolean;
  /** How many; 0 where they are switched off. */
  passkeys: number;
  /** By somebody else: it is changed at the next sign-in, where the settings ask for that. */
  password_given: boolean;
  /** The identity provider has signed this person in before, or knows a leaver. */
  provider: boolean;
  locked_until: string | null;
  created_at: string | null;
  changed_at: string | null;
}

export interface TokenRow {
  id: number;
  actor: number;
  name: string;
  grant: Grant;
  created_by: number;
  created_at: string | null;
  expires_at: string | null;
  revoked_at: string | null;
}

export interface Setting {
  name: string;
  type: "integer" | "flag" | "text";
  unit: string;
  minimum?: number;
  maximum?: number;
  default: number | boolean | string;
  value: number | boolean | string;
  /** It may change while the server runs. */
  live: boolean;
  origin: string;
  summary: string;
}
