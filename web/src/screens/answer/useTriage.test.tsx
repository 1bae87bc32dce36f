// @vitest-environment happy-dom
import type { Call, Protocol, ProtocolChoice } from "@schema";
import { act, cleanup, renderHook, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { applyMessage, publish } from "@/live/apply";
import { resetLive } from "@/live/state";
import type { Given } from "@/screens/answer/ahead";
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

const NONE: readonly Given[] = [];
/** Until so many have been sent: one that waits for another would come with it, were it not held back. */
const sent = (count: number) => waitFor(() => expect(posted).toHaveLength(count));
const mounted = (step: number | null) => {
  const hook = renderHook(({ shown }) => useTriage(shown, NONE), { initialProps: { shown: call(step) } });
  now_ms += 1000;
  return hook;
};

const names = () => posted.map(({ path, body }) => [path.split("/").at(-1), body.step]);
const done = (index: number, sequence: number) => posted[index]?.answer(200, { sequence, made: null, repeated: false });

describe("an answer by key", () => {
  it("shows the next question at once and names the one that was seen", async () => {
    const { result } = mounted(1);
    act(() => result.current.answer(first(1), now_ms));
    expect(result.current.stand?.step).toBe(2);
    expect(result.current.ahead).toHaveLength(1);
    await sent(1);
    expect(posted.map(({ path, body }) => [path, body])).toEqual([
      ["/api/v1/commands/triage_answer", { call: 5, protocol: 1, step: 1, answer: 1 }],
    ]);
  });

  it("answers one question when it is pressed twice, and says so", async () => {
    const { result } = mounted(1);
    act(() => result.current.answer(first(1), now_ms));
    now_ms += 80;
    expect(result.current.isHasty).toBe(false);
    act(() => result.current.answer(first(2), now_ms));
    expect(result.current.isHasty).toBe(true);
    expect(result.current.stand?.step).toBe(2);
    expect(result.current.ahead).toHaveLength(1);
  });

  it("counts from when the finger was on the key: a busy page hears of it later", () => {
    const { result } = mounted(1);
    const pressed_ms = now_ms;
    act(() => result.current.answer(first(1), pressed_ms));
    now_ms += 900;
    act(() => result.current.answer(first(2), pressed_ms + 80));
    expect(result.current.stand?.step).toBe(2);
    expect(result.current.ahead).toHaveLength(1);
  });

  it("may be given when the question has been seen for a while", async () => {
    const { result } = mounted(1);
    expect(result.current.isOpen).toBe(false);
    await waitFor(() => expect(result.current.isOpen).toBe(true));
    act(() => result.current.answer(first(1), now_ms));
    expect(result.current.isOpen).toBe(false);
  });

  it("goes ahead by several, sent one after the other", async () => {
    const { result } = mounted(1);
    act(() => result.current.answer(first(1), now_ms));
    now_ms += 500;
    act(() => result.current.answer(first(2), now_ms));
    await sent(1);
    expect(result.current.stand?.step).toBe(3);
    expect(result.current.ahead).toHaveLength(2);
    done(0, 40);
    await sent(2);
    expect(posted.map(({ body }) => body.step)).toEqual([1, 2]);
  });

  it("falls back to the centre's question when it is refused, and drops what was built on it", async () => {
    const { result } = mounted(1);
    act(() => result.current.answer(first(1), now_ms));
    now_ms += 500;
    act(() => result.current.answer(first(2), now_ms));
    await sent(1);
    posted[0]?.answer(409, { name: "step_passed", status: 409, title: "passed" });
    await waitFor(() => expect(noticeStore.getState().notices).toHaveLength(1));
    expect(noticeStore.getState().notices[0]?.problem?.name).toBe("step_passed");
    expect(result.current.stand?.step).toBe(1);
    expect(result.current.ahead).toHaveLength(0);
    expect(posted).toHaveLength(1);
  });

  it("is confirmed by the stream, whose word then holds", async () => {
    const { result, rerender } = mounted(1);
    act(() => result.current.answer(first(1), now_ms));
    await sent(1);
    done(0, 40);
    await waitFor(() => expect(result.current.ahead[0]?.sequence).toBe(40));
    act(() => {
      applyMessage({ type: "change", sequence: 40, fingerprint: "28", from: 39, now: "2026-11-22T08:00:00Z" });
      publish();
    });
    rerender({ shown: call(3) });
    expect(result.current.ahead).toHaveLength(0);
    expect(result.current.stand?.step).toBe(3);
  });
});

describe("one step back", () => {
  it("takes back the answer that is still on its way, behind it", async () => {
    const { result } = mounted(1);
    expect(result.current.mayGoBack).toBe(false);
    act(() => result.current.answer(first(1), now_ms));
    expect(result.current.mayGoBack).toBe(true);
    now_ms += 30;
    act(() => result.current.back(now_ms));
    expect(result.current.stand?.step).toBe(1);
    await sent(1);
    done(0, 40);
    await sent(2);
    expect(names()).toEqual([
      ["triage_answer", 1],
      ["triage_back", 2],
    ]);
  });

  it("goes on back over several, each once a press", async () => {
    const { result } = mounted(1);
    for (const step of [1, 2]) {
      act(() => result.current.answer(first(step), now_ms));
      now_ms += 500;
    }
    act(() => result.current.back(now_ms));
    expect(result.current.stand?.step).toBe(2);
    act(() => result.current.back(now_ms + 80));
    expect(result.current.isHasty).toBe(true);
    expect(result.current.stand?.step).toBe(2);
    act(() => result.current.back(now_ms + 500));
    expect(result.current.stand?.step).toBe(1);
    for (const count of [1, 2, 3, 4]) {
      await sent(count);
      done(count - 1, 39 + count);
    }
    expect(names().map(([name, step]) => `${name} ${step}`)).toEqual([
      "triage_answer 1",
      "triage_answer 2",
      "triage_back 3",
      "triage_back 2",
    ]);
  });
});

describe("another protocol", () => {
  it("is begun at once, even before the question was read, and once when its key is pressed twice", async () => {
    const { result } = mounted(1);
    act(() => result.current.answer(first(1), now_ms));
    act(() => result.current.begin(2, 7, now_ms + 20));
    act(() => result.current.begin(2, 7, now_ms + 90));
    expect(result.current.stand).toMatchObject({ protocol: 2, step: 7 });
    expect(result.current.ahead).toHaveLength(2);
    await sent(1);
    done(0, 40);
    await sent(2);
    expect(names()).toEqual([
      ["triage_answer", 1],
      ["triage_begin", 7],
    ]);
  });
});
