import type { ProviderBegun, ProviderFarewell, Session } from "@schema";
import { get, post } from "@/api/client";

/** Where the identity provider sends the browser back to (src/host/oidc.c). */
const RETURN_PATH = "/console/sign-in";
/** The place that the person came from, for the way back; in this tab only. */
const PLACE = "mingdi.provider.place";
/** Whether this browser's session came by the provider: signing out then ends it there too. */
const CAME = "mingdi.provider.came";

/** Leaves the page. Throws a Problem: provider_silent ... */
export async function goToProvider(): Promise<void> {
  const { address } = await post<ProviderBegun>("/api/v1/session/provider", undefined, {
    tryFor_ms: 0,
    oneTry_ms: 20_000,
  });
  sessionStorage.setItem(PLACE, window.location.pathname + window.location.search);
  window.location.assign(address);
}

export interface ProviderReturn {
  state: string;
  code?: string;
  iss?: string;
  error?: string;
}

/** What the provider sent back with the browser, once: the address bar is as before it then. Null: nothing. */
export function takeReturn(): ProviderReturn | null {
  const { pathname, search } = window.location;
  if (pathname !== RETURN_PATH) return null;
  const query = new URLSearchParams(search);
  const place = sessionStorage.getItem(PLACE) ?? "/";
  sessionStorage.removeItem(PLACE);
  window.history.replaceState(null, "", place.startsWith(RETURN_PATH) ? "/" : place);
  const state = query.get("state");
  if (!state) return null;
  const rest = (["code", "iss", "error"] as const).map((name) => [name, query.get(name)] as const);
  return { state, ...Object.fromEntries(rest.filter(([, value]) => value !== null)) };
}

/** Throws a Problem: totp_needed asks for the same state again, with the code of the person's authenticator. */
export async function finishProvider(came: ProviderReturn, totp?: string): Promise<Session> {
  const body = totp === undefined ? came : { state: came.state, totp };
  const session = await post<Session>("/api/v1/session/provider/return", body, { tryFor_ms: 0, oneTry_ms: 30_000 });
  localStorage.setItem(CAME, "1");
  return session;
}

export function forgetProvider(): void {
  localStorage.removeItem(CAME);
}

/** Where to go after signing out here, so that the provider forgets this browser too; null: nowhere. */
export async function farewellOf(): Promise<string | null> {
  if (localStorage.getItem(CAME) === null) return null;
  forgetProvider();
  try {
    return (await get<ProviderFarewell>("/api/v1/session/provider", { tryFor_ms: 0 })).address;
  } catch {
    return null;
  }
}
