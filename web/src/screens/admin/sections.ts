// The sections of administration: who has them, and their keys.
import type { Role } from "@schema";
import type { ComponentType } from "react";
import { Audit } from "@/screens/admin/audit/Audit";
import { Entries } from "@/screens/admin/audit/Entries";
import { Config } from "@/screens/admin/config/Config";
import { Erase } from "@/screens/admin/people/Erase";
import { People } from "@/screens/admin/people/People";
import { RolesMatrix } from "@/screens/admin/people/Roles";
import { Tokens } from "@/screens/admin/people/Tokens";
import { Protocols } from "@/screens/admin/protocols/Protocols";
import { Facilities } from "@/screens/admin/register/Facilities";
import { Posts } from "@/screens/admin/register/Posts";
import { Seats } from "@/screens/admin/register/Seats";
import { Units } from "@/screens/admin/register/Units";

export interface Section {
  id: string;
  key: string;
  roles: readonly Role[];
  Component: ComponentType;
}

export const SECTIONS: readonly Section[] = [
  { id: "people", key: "1", roles: ["administrator"], Component: People },
  { id: "roles", key: "2", roles: ["administrator"], Component: RolesMatrix },
  { id: "units", key: "3", roles: ["administrator"], Component: Units },
  { id: "posts", key: "4", roles: ["administrator"], Component: Posts },
  { id: "facilities", key: "5", roles: ["administrator"], Component: Facilities },
  { id: "seats", key: "6", roles: ["administrator"], Component: Seats },
  { id: "protocols", key: "7", roles: ["administrator"], Component: Protocols },
  { id: "config", key: "8", roles: ["administrator", "auditor"], Component: Config },
  { id: "tokens", key: "9", roles: ["administrator"], Component: Tokens },
  { id: "personal", key: "0", roles: ["administrator"], Component: Erase },
  { id: "audit", key: "a", roles: ["auditor"], Component: Audit },
  { id: "entries", key: "j", roles: ["auditor"], Component: Entries },
];

export function sectionsOf(roles: readonly Role[]): readonly Section[] {
  const own = SECTIONS.filter((section) => section.roles.some((role) => roles.includes(role)));
  if (roles.includes("administrator")) return own;
  // Who only audits begins with the audit trail.
  return [...own.filter((section) => section.id !== "config"), ...own.filter((section) => section.id === "config")];
}
