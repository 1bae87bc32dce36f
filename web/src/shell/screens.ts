// The screens: who has them, their keys, and how they are fetched when they are first shown.
import type { Role } from "@schema";
import { type ComponentType, type LazyExoticComponent, lazy } from "react";

export interface Screen {
  name: string;
  /** Alt and this digit. */
  digit: number;
  /** Who works with it; the first screen of one's roles is where one begins. */
  roles: readonly Role[];
  Component: LazyExoticComponent<ComponentType>;
  /** Fetches it; once is enough, and once more does no harm. */
  fetch: () => Promise<unknown>;
  /** It can be shown before the live state has come: the crew's screen lives on without network, others read reports only. */
  withoutLive?: boolean;
  /** No space around it: it fills the page to its edges. */
  bare?: boolean;
  /** Wanted once in a while: it stands in the person's menu, and among the screens only while it is shown. */
  rare?: boolean;
}

function fetched(fetch: () => Promise<{ default: ComponentType }>): Pick<Screen, "Component" | "fetch"> {
  return { Component: lazy(fetch), fetch };
}

export const SCREENS: readonly Screen[] = [
  {
    name: "answer",
    digit: 1,
    roles: ["call_taker", "duty_commander"],
    ...fetched(() => import("@/screens/answer")),
  },
  {
    name: "dispatch",
    digit: 2,
    roles: ["dispatcher", "duty_commander"],
    ...fetched(() => import("@/screens/dispatch")),
  },
  {
    name: "map",
    digit: 3,
    roles: ["call_taker", "dispatcher", "duty_commander", "district_health_officer", "quality_reviewer"],
    ...fetched(() => import("@/screens/map")),
    bare: true,
  },
  {
    name: "hospital",
    digit: 4,
    roles: ["hospital", "duty_commander"],
    ...fetched(() => import("@/screens/hospital")),
  },
  {
    name: "crew",
    digit: 5,
    roles: ["crew"],
    ...fetched(() => import("@/screens/crew")),
    withoutLive: true,
    bare: true,
  },
  {
    name: "wall",
    digit: 6,
    roles: ["duty_commander", "dispatcher", "district_health_officer"],
    ...fetched(() => import("@/screens/wall")),
    bare: true,
  },
  {
    name: "review",
    digit: 7,
    roles: ["quality_reviewer", "duty_commander", "district_health_officer", "planner"],
    ...fetched(() => import("@/screens/review")),
    withoutLive: true,
  },
  {
    name: "admin",
    digit: 8,
    roles: ["administrator", "auditor"],
    ...fetched(() => import("@/screens/admin")),
    withoutLive: true,
  },
  {
    name: "paper",
    digit: 9,
    roles: ["call_taker", "duty_commander"],
    ...fetched(() => import("@/screens/paper")),
    rare: true,
  },
];

export function screensOf(roles: readonly Role[]): readonly Screen[] {
  return SCREENS.filter((screen) => screen.roles.some((role) => roles.includes(role)));
}

// A duty commander has many: one begins where the role's own work is.
const HOME: Partial<Record<Role, string>> = { duty_commander: "wall" };

export function homeOf(roles: readonly Role[]): string | undefined {
  const first = roles[0];
  const own = screensOf(roles);
  return own.find((screen) => first && HOME[first] === screen.name)?.name ?? own[0]?.name;
}
