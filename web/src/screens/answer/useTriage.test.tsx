// @vitest-environment happy-dom
import type { Call, Protocol, ProtocolChoice } from "@schema";
import { act, cleanup, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { applyMessage, publish } from "@/live/apply";
import { resetLive } from "@/live/state";
import { useTriage } from "@/screens/answer/useTriage";
import { noticeStore } from "@/shell/notices";

const STEPS = [1, 2, 3].map((step) => ({
  step,
  answers: [{ answer: 1, key: "1", to: step < 3 ? { protocol: 1, step: step + 1 } : null }],
}));
const PROTOCOL = { number: 1, version: 1, entry: 1, steps: STEPS } as unknown as Protocol;
const first = (step: number) => PROTOCOL.steps[step - 1]?.answers[0] as ProtocolChoice;
const call = (step: number | null) =>
  ({ id: 5, triage: { protocol: 1, version: 1, step, answered: 0, marks: [] } }) as unknown as Call;

let posted: { path: string; body: Record<string, unknown>; answer: (status: number, body: unknown) => void }[] = [];
let now_ms = 0;

beforeEach(() => {
  posted = [];
  now_ms = 10_000;
  resetLive();
  noticeStore.setState({ notices: [] });
  vi.spyOn(performance, "now").mockImplementation(() => now_ms);
  vi.stubGlobal("fetch", (path: string, init: { body: string }) => {
    return new Promise((resolve) => {
      const answer = (status: number, body: unknown) =>
        resolve(new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } }));
      posted.push({ path, body: JSON.parse(init.body) as Record<string, unknown>, answer });
    });
  });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const settle = () => act(async () => void (await new Promise((resolve) => setTimeout(resolve))));
const mounted = (step: number | null) => {
  const hook = renderHook(({ shown }) => useTriage(shown), { initialProps: { shown: call(step) } });
  now_ms += 1000;
  return hook;
};

describe("an answer by key", () => {
  it("shows the next question at once and names the one that was seen", async () => {
    const { result } = mounted(1);
    act(() => result.current.answer(first(1)));
    expect(result.current.stand?.step).toBe(2);
    expect(result.current.ahead).toHaveLength(1);
    await settle();
    expect(posted.map(({ path, body }) => [path, body])).toEqual([
      ["/api/v1/commands/triage_answer", { call: 5, protocol: 1, step: 1, answer: 1 }],
    ]);
  });

  it("answers one question when it is pressed twice", async () => {
    const { result } = mounted(1);
    act(() => result.current.answer(first(1)));
    now_ms += 80;
    act(() => result.current.answer(first(2)));
    await settle();
    expect(result.current.stand?.step).toBe(2);
    expect(posted).toHaveLength(1);
  });

  it("goes ahead by several, sent one after the other", async () => {
    const { result } = mounted(1);
    act(() => result.current.answer(first(1)));
    now_ms += 500;
    act(() => result.current.answer(first(2)));
    await settle();
    expect(result.current.stand?.step).toBe(3);
    expect(posted).toHaveLength(1);
    posted[0]?.answer(200, { sequence: 40, made: null, repeated: false });
    await settle();
    expect(posted.map(({ body }) => body.step)).toEqual([1, 2]);
  });

  it("falls back to the centre's question when it is refused, and drops what was built on it", async () => {
    const { result } = mounted(1);
    act(() => result.current.answer(first(1)));
    now_ms += 500;
    act(() => result.current.answer(first(2)));
    await settle();
    posted[0]?.answer(409, { name: "step_passed", status: 409, title: "passed" });
    await settle();
    expect(result.current.stand?.step).toBe(1);
    expect(posted).toHaveLength(1);
    expect(noticeStore.getState().notices.map((notice) => notice.problem?.name)).toEqual(["step_passed"]);
  });

  it("is confirmed by the stream, whose word then holds", async () => {
    const { result, rerender } = mounted(1);
    act(() => result.current.answer(first(1)));
    await settle();
    posted[0]?.answer(200, { sequence: 40, made: null, repeated: false });
    await settle();
    expect(result.current.ahead).toHaveLength(1);
    act(() => {
      applyMessage({ type: "change", sequence: 40, from: 39, now: "2026-11-22T08:00:00Z" });
      publish();
    });
    rerender({ shown: call(3) });
    expect(result.current.ahead).toHaveLength(0);
    expect(result.current.stand?.step).toBe(3);
  });
});
