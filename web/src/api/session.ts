import type { Changed, PasskeyQuestion, Role, Session, SessionRow, Sessions, Welcome } from "@schema";
import { createStore } from "zustand/vanilla";
import { get, isDrill, onClientEvents, post, put, remove, setCsrf, setDrill } from "@/api/client";
import { answerOf } from "@/api/passkey";
import { asProblem, Problem } from "@/api/problem";
import { farewellOf, finishProvider, forgetProvider, type ProviderReturn } from "@/api/provider";

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
  renew: () => renew(),
  settle: async () => (await renew()) && owesOf(sessionStore.getState().session).length === 0,
});

/** A crew's phone may start where there is no network: it then goes on as who it was. The token comes with the network. */
const STORED = "mingdi.session";

function remember(session: Session | null): void {
  const crew = session?.person.grants.every((grant) => grant.role === "crew");
  if (session && crew) localStorage.setItem(STORED, JSON.stringify({ ...session, csrf: null }));
  else localStorage.removeItem(STORED);
}

function remembered(): Session | null {
  try {
    return JSON.parse(localStorage.getItem(STORED) ?? "null") as Session | null;
  } catch {
    return null;
  }
}

function take(session: Session): void {
  setCsrf(session.csrf);
  if (session.drill) setDrill();
  sessionStore.setState({ state: "in", session, drill: session.drill || isDrill() });
}

let resumed: Promise<void> | null = null;

/** Takes up the session that the browser's cookie holds, if there is one: asked once, however many want to know. */
export function resumeSession(): Promise<void> {
  resumed ??= resume();
  return resumed;
}

async function resume(): Promise<void> {
  try {
    const before = remembered();
    const session = await get<Session>("/api/v1/session", before ? { tryFor_ms: 0 } : {});
    remember(session);
    take(session);
  } catch (thrown) {
    const problem = asProblem(thrown);
    const before = remembered();
    if (problem.status === 401) sessionStore.setState({ state: "out", session: null });
    else if (problem.isPassing && before) take(before);
    else throw problem;
  }
}

async function renew(): Promise<boolean> {
  const id = sessionStore.getState().session?.person.id;
  const session = await get<Session>("/api/v1/session");
  if (session.person.id !== id) return false;
  take(session);
  return true;
}

function enter(session: Session): void {
  const before = sessionStore.getState().session?.person.id;
  remember(session);
  if (before !== undefined && before !== session.person.id) window.location.assign("/");
  take(session);
}

/** Throws a Problem: sign_in_refused, totp_needed, locked ... */
export async function signIn(name: string, password: string, totp?: string): Promise<void> {
  const session = await post<Session>("/api/v1/session", { name, password, ...(totp ? { totp } : {}) });
  forgetProvider();
  enter(session);
}

/** By whichever passkey the person chooses: it says who it is. Throws a Problem: passkey_refused ... */
export async function signInByPasskey(): Promise<void> {
  const once = { tryFor_ms: 0 };
  const question = await post<PasskeyQuestion>("/api/v1/session/passkey", undefined, once);
  const session = await put<Session>("/api/v1/session/passkey", await answerOf(question), once);
  forgetProvider();
  enter(session);
}

/** The same with what the identity provider sent back. */
export async function signInByProvider(came: ProviderReturn, totp?: string): Promise<void> {
  enter(await finishProvider(came, totp));
}

const farewells = new Set<() => Promise<unknown>>();

/** What is to be given back before the session ends; trouble with it keeps nobody. Returns how to take it out again. */
export function beforeSignOut(task: () => Promise<unknown>): () => void {
  farewells.add(task);
  return () => farewells.delete(task);
}

export async function signOut(): Promise<void> {
  await Promise.allSettled([...farewells].map((task) => task()));
  const farewell = await farewellOf();
  await remove("/api/v1/session");
  remember(null);
  setCsrf(null);
  sessionStore.setState({ state: "out", session: null });
  if (farewell) window.location.assign(farewell);
}

export function changeOwnPassword(old: string, fresh: string): Promise<void> {
  return put("/api/v1/session/password", { old, new: fresh }, { tryFor_ms: 0 });
}

/** The password, or a one-time code in its place, once more. Throws a Problem: wrong_password ... */
export function showAgain(shown: { password: string } | { totp: string }): Promise<void> {
  return post("/api/v1/session/shown", shown, { tryFor_ms: 0 });
}

/** What has to be done before anything else, asked anew. */
export async function renewSession(): Promise<void> {
  await renew();
}

/** The address that an authenticator takes; it counts once a code of it has come back. */
export async function beginOwnFactor(): Promise<string> {
  return (await post<Changed>("/api/v1/session/totp", undefined)).secret ?? "";
}

export function setOwnFactor(totp: string): Promise<void> {
  return put("/api/v1/session/totp", { totp }, { tryFor_ms: 0 });
}

export async function readOwnSessions(): Promise<readonly SessionRow[]> {
  return (await get<Sessions>("/api/v1/session/all")).items;
}

export function endOwnSession(id: number): Promise<void> {
  return remove(`/api/v1/session/all/${id}`);
}

/** What comes before anything else. What a crew's phone remembers of long ago says nothing of it. */
export function owesOf(session: Session | null): readonly string[] {
  return session?.owes ?? [];
}

export function rolesOf(session: Session | null): Role[] {
  return (session?.person.grants ?? []).map((grant) => grant.role as Role);
}

/** Whether anything of the live state is theirs: planners read reports only, auditors the trail and the journal. */
export function seesLive(session: Session | null): boolean {
  return rolesOf(session).some((role) => role !== "planner" && role !== "auditor");
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
