// Which screen, and what of it: /console/NAME?query. Screens keep what is selected in the query, so that a reload, a link
// and "back" find it again.
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";

export interface Route {
  /** The screen's name; "" before one has been chosen. */
  screen: string;
  query: Readonly<Record<string, string>>;
}

export function readRoute(location: { pathname: string; search: string }): Route {
  const [, console, screen = ""] = location.pathname.split("/");
  return {
    screen: console === "console" ? screen : "",
    query: Object.fromEntries(new URLSearchParams(location.search)),
  };
}

export const routeStore = createStore<Route>(() => readRoute(window.location));

type Query = Readonly<Record<string, string | number | null | undefined>>;

export function pathOf(screen: string, query: Query = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== "") parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return `/console/${screen}${text ? `?${text}` : ""}`;
}

/** Asked before another place is shown. False: not now; it may call `go` later. */
export type Guard = (to: Route, go: () => void) => boolean;
let guard: Guard | null = null;

/** Something unsaved stands here. One at a time; call what comes back when it is saved. */
export function setGuard(fresh: Guard): () => void {
  guard = fresh;
  return () => {
    if (guard === fresh) guard = null;
  };
}

export function goTo(screen: string, query: Query = {}, replace = false): void {
  const path = pathOf(screen, query);
  if (path === window.location.pathname + window.location.search) return;
  const go = () => {
    if (replace) window.history.replaceState(null, "", path);
    else window.history.pushState(null, "", path);
    routeStore.setState(readRoute(window.location), true);
  };
  if (!guard || guard(readRoute(new URL(path, window.location.origin)), go)) go();
}

/** Changes parts of the query of the present screen; null takes a part out. */
export function setQuery(changes: Query, replace = true): void {
  const { screen, query } = routeStore.getState();
  goTo(screen, { ...query, ...changes }, replace);
}

export function startRouter(): () => void {
  const read = () => routeStore.setState(readRoute(window.location), true);
  window.addEventListener("popstate", read);
  return () => window.removeEventListener("popstate", read);
}

export function useRoute(): Route {
  return useStore(routeStore);
}

/** A number of the query, e.g. the selected incident. */
export function useQueryId(name: string): [number | null, (id: number | null) => void] {
  const { query } = useRoute();
  const id = Number(query[name]);
  return [Number.isInteger(id) && id > 0 ? id : null, (fresh) => setQuery({ [name]: fresh })];
}
