// @vitest-environment happy-dom
import { act, cleanup, render, renderHook, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Problem } from "@/api/problem";
import { liveStore } from "@/live/state";
import { EntryContext } from "@/screens/paper/context";
import { Pick } from "@/screens/paper/Pick";
import type { Entry } from "@/screens/paper/useEntry";
import { useLists } from "@/screens/paper/useLists";

const asked: string[] = [];
let refusal: Problem | null = null;

vi.mock("@/api/client", async (original) => ({
  ...(await original<typeof import("@/api/client")>()),
  get: async (path: string) => {
    asked.push(path);
    if (refusal) throw refusal;
    return { items: path.includes("seats") ? [{ id: 4, code: "s4", name: "Seat 4", desk: "call_taker" }] : [] };
  },
}));

beforeEach(() => {
  asked.length = 0;
  refusal = null;
  vi.useFakeTimers();
  liveStore.setState({ connection: "live", ready: true });
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

/** Second by second: what is rendered in between may begin to wait anew. */
async function pass(seconds: number) {
  for (let second = 0; second < seconds; second++) await act(() => vi.advanceTimersByTimeAsync(1000));
}

it("asks for seats and districts until they come, and then no more", async () => {
  refusal = new Problem({ name: "no_connection", status: 0, detail: "" });
  const { result } = renderHook(() => useLists());
  await pass(10);
  expect(result.current.seats).toEqual([]);
  expect(asked.length).toBeGreaterThan(3);
  refusal = null;
  await pass(10);
  expect(result.current.seats).toEqual([{ value: "4", text: "s4 Seat 4" }]);
  const before = asked.length;
  await pass(60);
  expect(asked.length).toBe(before);
});

it("waits while the centre is gone, and asks when it is back", async () => {
  refusal = new Problem({ name: "no_connection", status: 0, detail: "" });
  liveStore.setState({ connection: "closed" });
  const { result } = renderHook(() => useLists());
  await pass(60);
  expect(asked).toHaveLength(2);
  refusal = null;
  act(() => liveStore.setState({ connection: "live" }));
  await pass(10);
  expect(result.current.seats).toHaveLength(1);
});

it("does not ask again what is refused", async () => {
  refusal = new Problem({ name: "not_allowed", status: 403, detail: "" });
  renderHook(() => useLists());
  await pass(60);
  expect(asked).toHaveLength(2);
});

it("shows that something is chosen which the list does not have, for it is sent", () => {
  const entry = { wrongOf: () => null, leave: () => {}, outage: {} } as unknown as Entry;
  const pick = (choices: { value: string; text: string }[]) => (
    <EntryContext value={entry}>
      <Pick id="seat" label="Seat" none="Not known" choices={choices} value="4" onChange={() => {}} />
    </EntryContext>
  );
  const { rerender } = render(pick([]));
  const chosen = () => screen.getByRole<HTMLSelectElement>("combobox").selectedOptions[0];
  expect(chosen()?.value).toBe("4");
  expect(screen.getAllByRole("option")).toHaveLength(2);
  rerender(pick([{ value: "4", text: "s4 Seat 4" }]));
  expect(chosen()?.textContent).toBe("s4 Seat 4");
  expect(screen.getAllByRole("option")).toHaveLength(2);
});
