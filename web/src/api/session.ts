import type { Role, Session, Welcome } from "@schema";
import { createStore } from "zustand/vanilla";
import { get, isDrill, onClientEvents, post, put, remove, setCsrf } from "@/api/client";
import { Problem } from "@/api/problem";

/**
 * unknown: not asked yet. out: nobody. in: somebody. expired: somebody was, and has to sign in again: their screens stay
 * mounted behind the sign-in, so that nothing typed is lost.
 */
export type SessionState = "unknown" | "out" | "in" | "expired";

export interface SessionStore {
  state: SessionState;
  session: Session | null;
  drill: boolean;
}

export const sessionStore = createStore<SessionStore>(() => ({ state: "unknown", session: null, drill: false }));

onClientEvents({
  signedOut: () => {
    const { state } = sessionStore.getState();
    if (state === "in") sessionStore.setState({ state: "expired" });
  },
  drill: () => sessionStore.setState({ drill: true }),
});

function take(session: Session): void {
  setCsrf(session.csrf);
  sessionStore.setState({ state: "in", session, drill: session.drill || isDrill() });
}

/** Takes up the session that the browser's cookie holds, if there is one. */
export async function resumeSession(): Promise<void> {
  try {
    take(await get<Session>("/api/v1/session"));
  } catch (thrown) {
    if (!(thrown instanceof Problem) || thrown.status !== 401) throw thrown;
    sessionStore.setState({ state: "out", session: null });
  }
}

/** Throws a Problem: sign_in_refused, totp_needed, locked ... */
export async function signIn(name: string, password: string, totp?: string): Promise<void> {
  const before = sessionStore.getState().session?.person.id;
  const session = await post<Session>("/api/v1/session", { name, password, ...(totp ? { totp } : {}) });
  if (before !== undefined && before !== session.person.id) window.location.assign("/");
  take(session);
}

export async function signOut(): Promise<void> {
  await remove("/api/v1/session");
  setCsrf(null);
  sessionStore.setState({ state: "out", session: null });
}

export function changeOwnPassword(old: string, fresh: string): Promise<void> {
  return put("/api/v1/session/password", { old, new: fresh });
}

export function rolesOf(session: Session | null): Role[] {
  return (session?.person.grants ?? []).map((grant) => grant.role as Role);
}

/** Null: this server has no welcome. */
export async function readWelcome(): Promise<Welcome | null> {
  try {
    return await get<Welcome>("/api/v1/welcome");
  } catch (thrown) {
    if (thrown instanceof Problem && thrown.status >= 400 && thrown.status < 500) return null;
    throw thrown;
  }
}
