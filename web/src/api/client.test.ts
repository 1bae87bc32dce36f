// @vitest-environment happy-dom
import { beforeEach, describe, expect, it, vi } from "vitest";
import { command, get, newKey, onClientEvents, patch, setCsrf } from "@/api/client";
import { Problem } from "@/api/problem";

interface Sent {
  url: string;
  init: RequestInit;
}

const sent: Sent[] = [];
let answers: (() => Response | Error)[] = [];

function json(status: number, body: unknown, headers: Record<string, string> = {}): () => Response {
  return () => new Response(JSON.stringify(body), { status, headers });
}

const busy = json(503, { name: "busy", detail: "Too much waits." }, { "Retry-After": "2" });
const done = json(200, { sequence: 17, made: 4, repeated: false });

beforeEach(() => {
  vi.useFakeTimers();
  sent.length = 0;
  setCsrf("token-of-csrf");
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    sent.push({ url, init });
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    const given = answer?.() ?? new Error("nothing to answer");
    if (given instanceof Error) throw given;
    return given;
  });
  return () => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  };
});

const header = (index: number, name: string) => new Headers(sent[index]?.init.headers).get(name);

async function settled<T>(promise: Promise<T>): Promise<T | Problem> {
  const caught = promise.catch((thrown: Problem) => thrown);
  await vi.advanceTimersByTimeAsync(60_000);
  return caught;
}

describe("a command", () => {
  it("is repeated with the same key when the centre is busy, not before it may be", async () => {
    answers = [busy, done];
    const promise = command("call_abandon", { call: 1 });
    await vi.advanceTimersByTimeAsync(1_900);
    expect(sent).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(200);
    expect(await promise).toEqual({ sequence: 17, made: 4, repeated: false });
    expect(sent).toHaveLength(2);
    expect(header(0, "Idempotency-Key")).toMatch(/^[\w-]{36}$/);
    expect(header(1, "Idempotency-Key")).toBe(header(0, "Idempotency-Key"));
    expect(header(1, "X-CSRF-Token")).toBe("token-of-csrf");
  });

  it("is repeated when the connection ends without an answer", async () => {
    answers = [() => new TypeError("failed to fetch"), done];
    expect(await settled(command("call_abandon", { call: 1 }, { key: "act-1" }))).toMatchObject({ made: 4 });
    expect([header(0, "Idempotency-Key"), header(1, "Idempotency-Key")]).toEqual(["act-1", "act-1"]);
  });

  it("is given up after its time, and tells why", async () => {
    answers = [() => new TypeError("failed to fetch")];
    const problem = await settled(command("call_abandon", { call: 1 }));
    expect(problem).toBeInstanceOf(Problem);
    expect((problem as Problem).name).toBe("no_connection");
    expect(sent.length).toBeGreaterThan(3);
    expect(sent.length).toBeLessThan(20);
  });

  it("is not repeated when it is refused, and tells who was first", async () => {
    const by = { actor: 2, actor_kind: "seat", name: "Li Na" };
    answers = [
      json(409, { name: "unit_not_available", detail: "...", by, at: "2026-11-22T08:30:00.000000Z", sequence: 15 }),
    ];
    const problem = (await settled(command("call_abandon", { call: 1 }))) as Problem;
    expect(sent).toHaveLength(1);
    expect(problem.name).toBe("unit_not_available");
    expect(problem.details).toMatchObject({ status: 409, by, at: "2026-11-22T08:30:00.000000Z" });
  });
});

describe("other requests", () => {
  it("that are no acts with a key are sent once", async () => {
    answers = [busy, done];
    expect(await settled(patch("/api/v1/people/1", {}))).toMatchObject({ name: "busy" });
    expect(sent).toHaveLength(1);
  });

  it("that read are repeated, without a CSRF token", async () => {
    answers = [busy, json(200, { id: 1 })];
    expect(await settled(get("/api/v1/calls/1"))).toEqual({ id: 1 });
    expect(header(0, "X-CSRF-Token")).toBeNull();
  });

  it("say that they know of the drill, once an answer has told it", async () => {
    answers = [
      json(403, { name: "drill_not_said" }, { "Mingdi-Drill": "1" }),
      json(200, { id: 1 }, { "Mingdi-Drill": "1" }),
    ];
    expect(await settled(get("/api/v1/calls/1"))).toEqual({ id: 1 });
    expect([header(0, "Mingdi-Drill"), header(1, "Mingdi-Drill")]).toEqual([null, "1"]);
  });

  it("are sent again with a fresh CSRF token, once", async () => {
    const renew = vi.fn(async () => {
      setCsrf("fresh");
      return true;
    });
    onClientEvents({ renew });
    answers = [json(403, { name: "csrf", detail: "" }), done];
    expect(await settled(command("call_abandon", { call: 1 }))).toMatchObject({ sequence: 17 });
    expect([header(0, "X-CSRF-Token"), header(1, "X-CSRF-Token")]).toEqual(["token-of-csrf", "fresh"]);
    sent.length = 0;
    answers = [json(403, { name: "csrf", detail: "" })];
    expect(await settled(command("call_abandon", { call: 1 }))).toMatchObject({ name: "csrf" });
    expect(sent).toHaveLength(2);
  });

  it.each(["second_factor_needed", "password_change_needed"])("after %s: only if it was done", async (name) => {
    let owing = false;
    const settle = vi.fn(async () => !owing);
    onClientEvents({ settle });
    answers = [json(403, { name, detail: "" }), done];
    expect(await settled(command("call_abandon", { call: 1 }))).toMatchObject({ sequence: 17 });
    expect(sent).toHaveLength(2);
    expect(settle).toHaveBeenCalledTimes(1);
    sent.length = 0;
    owing = true;
    answers = [json(403, { name, detail: "" })];
    expect(await settled(command("call_abandon", { call: 1 }))).toMatchObject({ name });
    expect(sent).toHaveLength(1);
  });

  it("end at once when nobody wants them any more", async () => {
    answers = [busy];
    const abort = new AbortController();
    const caught = get("/api/v1/calls/1", { signal: abort.signal }).catch((thrown: unknown) => thrown);
    await vi.advanceTimersByTimeAsync(100);
    abort.abort("left");
    expect(await caught).toBe("left");
  });
});

it("every act has another key", () => expect(newKey()).not.toBe(newKey()));
