import type { CommandDone, CommandName, Commands } from "@schema";
import { asProblem, Problem, problemOf } from "@/api/problem";

/** How long one act is tried before the person is told, and how one try is bounded. */
const TRY_FOR_MS = 30_000;
const ONE_TRY_MS = 10_000;
const FIRST_PAUSE_MS = 300;
const LONGEST_PAUSE_MS = 5_000;

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface RequestOptions {
  /** The act's own key: the same again when it is repeated, also after a reload. */
  key?: string;
  /** The revision that was seen. */
  ifMatch?: number;
  signal?: AbortSignal;
  /** Ends the tries earlier, e.g. 0: one try only. */
  tryFor_ms?: number;
  /** How long one answer may take, for what is known to be slow. */
  oneTry_ms?: number;
}

/** What every request carries; set by the session, and by the first answer of a drill. */
const manner = { csrf: "", drill: false };
const listeners = {
  signedOut: () => {},
  drill: () => {},
  /** Asks the person for the password once more; false: not now. */
  showPassword: async (): Promise<boolean> => false,
  /** Gets a fresh CSRF token; false: it cannot be had. */
  renew: async (): Promise<boolean> => false,
  /** Asks anew what the session owes; true: nothing, any more. */
  settle: async (): Promise<boolean> => false,
};

export function setCsrf(csrf: string | null): void {
  manner.csrf = csrf ?? "";
}

export function setDrill(): void {
  manner.drill = true;
}

export function isDrill(): boolean {
  return manner.drill;
}

export function onClientEvents(events: Partial<typeof listeners>): void {
  Object.assign(listeners, events);
}

export function newKey(): string {
  return crypto.randomUUID();
}

function headersOf(method: Method, body: unknown, options: RequestOptions): Headers {
  const headers = new Headers({ Accept: "application/json" });
  if (body !== undefined) headers.set("Content-Type", "application/json");
  if (method !== "GET" && manner.csrf) headers.set("X-CSRF-Token", manner.csrf);
  if (manner.drill) headers.set("Mingdi-Drill", "1");
  if (options.key) headers.set("Idempotency-Key", options.key);
  if (options.ifMatch !== undefined) headers.set("If-Match", `"${options.ifMatch}"`);
  return headers;
}

async function readAnswer(response: Response, path: string): Promise<unknown> {
  if (response.headers.get("Mingdi-Drill") === "1" && !manner.drill) {
    manner.drill = true;
    listeners.drill();
  }
  if (response.ok) return response.status === 204 ? undefined : await response.json();
  const problem = await problemOf(response);
  if (problem.name === "not_signed_in" && path !== "/api/v1/session") listeners.signedOut();
  throw problem;
}

async function tryOnce(method: Method, path: string, body: unknown, options: RequestOptions): Promise<unknown> {
  const timeout = AbortSignal.timeout(options.oneTry_ms ?? ONE_TRY_MS);
  const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
  try {
    const response = await fetch(path, {
      method,
      headers: headersOf(method, body, options),
      body: body === undefined ? null : JSON.stringify(body),
      credentials: "same-origin",
      cache: "no-store",
      signal,
    });
    return await readAnswer(response, path);
  } catch (thrown) {
    if (options.signal?.aborted) throw options.signal.reason;
    if (timeout.aborted) throw new Problem({ name: "timeout", status: 0, detail: "" });
    throw asProblem(thrown);
  }
}

function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

/** Whether what was refused, and surely not done, can be sent again as it should have been. */
async function mend(problem: Problem): Promise<boolean> {
  // The token is of another sign-in of the same browser, or the page was started offline.
  if (problem.name === "csrf") return listeners.renew();
  if (problem.name === "password_needed") return listeners.showPassword();
  // The cookie is of another sign-in, which owes it, or it was done on another page of this browser.
  if (problem.name === "second_factor_needed" || problem.name === "password_change_needed") return listeners.settle();
  // The refusal itself has told that this is a drill; from here on the page says so too, to the person and to the server.
  return problem.name === "drill_not_said" && manner.drill;
}

/** One request, repeated with the same key while the trouble is of a kind that passes. Throws a Problem. */
export async function request<T>(
  method: Method,
  path: string,
  body?: unknown,
  options: RequestOptions = {},
): Promise<T> {
  const repeatable = method === "GET" || method === "PUT" || options.key !== undefined;
  let mended = "";
  const until = performance.now() + (options.tryFor_ms ?? TRY_FOR_MS);
  for (let wait = FIRST_PAUSE_MS; ; wait = Math.min(wait * 2, LONGEST_PAUSE_MS)) {
    try {
      return (await tryOnce(method, path, body, options)) as T;
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown;
      if (mended !== thrown.name && (await mend(thrown))) {
        mended = thrown.name;
        continue;
      }
      const next = Math.max(wait, (thrown.details.retry_after_s ?? 0) * 1000);
      if (!repeatable || !thrown.isPassing || performance.now() + next > until) throw thrown;
      await pause(next, options.signal);
    }
  }
}

export function get<T>(path: string, options?: RequestOptions): Promise<T> {
  return request<T>("GET", path, undefined, options);
}

export function post<T>(path: string, body: unknown, options?: RequestOptions): Promise<T> {
  return request<T>("POST", path, body, options);
}

export function put<T>(path: string, body?: unknown, options?: RequestOptions): Promise<T> {
  return request<T>("PUT", path, body, options);
}

export function patch<T>(path: string, body: unknown, options?: RequestOptions): Promise<T> {
  return request<T>("PATCH", path, body, options);
}

export function remove<T = void>(path: string, options?: RequestOptions): Promise<T> {
  return request<T>("DELETE", path, undefined, options);
}

/** A command of the core: one act of a person, done at most once however often it has to be sent. */
export function command<K extends CommandName>(
  name: K,
  fields: Commands[K],
  options: RequestOptions = {},
): Promise<CommandDone> {
  return post<CommandDone>(`/api/v1/commands/${name}`, fields, { ...options, key: options.key ?? newKey() });
}
