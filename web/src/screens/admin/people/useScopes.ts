import type { District, Facility, Grant, Roles, RoleView, Unit } from "@schema";
import { useCallback, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { get } from "@/api/client";
import { asProblem, type Problem } from "@/api/problem";
import { useLabel } from "@/i18n/labels";
import { useAll } from "@/screens/admin/parts/useAll";

interface Target {
  id: number;
  code: string;
  name: string;
}

export interface Scopes {
  roles: readonly RoleView[];
  /** What can be chosen for a scope; none for the centre. */
  targets: (scope: string) => readonly Target[];
  /** "Dispatcher · Hisingen" */
  textOf: (grant: Grant) => string;
  problem: Problem | null;
}

export function useRoles(): { roles: readonly RoleView[]; problem: Problem | null } {
  const [state, setState] = useState<{ roles: readonly RoleView[]; problem: Problem | null }>({
    roles: [],
    problem: null,
  });
  useEffect(() => {
    get<Roles>("/api/v1/roles").then(
      ({ items }) => setState({ roles: items, problem: null }),
      (thrown) => setState({ roles: [], problem: asProblem(thrown) }),
    );
  }, []);
  return state;
}

/** Roles, and what their scopes can be. */
export function useScopes(): Scopes {
  const { t } = useTranslation("admin");
  const label = useLabel();
  const { roles, problem } = useRoles();
  const districts = useAll<District>("/api/v1/districts");
  const facilities = useAll<Facility>("/api/v1/facilities");
  const units = useAll<Unit>("/api/v1/units");
  const lists: Record<string, readonly Target[]> = useMemo(
    () => ({ district: districts.items, facility: facilities.items, unit: units.items }),
    [districts.items, facilities.items, units.items],
  );
  const targets = useCallback((scope: string) => lists[scope] ?? [], [lists]);
  const textOf = useCallback(
    (grant: Grant) => {
      const role = label("role", grant.role as "crew");
      if (grant.id === 0) return `${role} · ${t(`scope.${grant.scope}`)}`;
      const target = targets(grant.scope).find((one) => one.id === grant.id);
      return `${role} · ${target ? target.name || target.code : `${t(`scope.${grant.scope}`)} ${grant.id}`}`;
    },
    [label, t, targets],
  );
  return { roles, targets, textOf, problem: problem ?? districts.problem ?? facilities.problem ?? units.problem };
}
