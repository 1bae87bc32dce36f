// @vitest-environment happy-dom
import type { Call } from "@schema";
import { act, cleanup, renderHook, waitFor } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { useCaller } from "@/screens/answer/useCaller";

const stored: unknown[] = [];
let answerPut = () => {};

vi.mock("@/api/client", async (original) => ({
  ...(await original<typeof import("@/api/client")>()),
  get: async () => ({ number: "0700", name: "", home: "Storgatan 1", remarks: "falls" }),
  put: (_path: string, body: unknown) =>
    new Promise<void>((resolve) => {
      stored.push(body);
      answerPut = resolve;
    }),
}));

afterEach(cleanup);

test("two fields left one after the other: the second waits, and takes the first along", async () => {
  const call = { id: 7, has_caller: true } as Call;
  const { result } = renderHook(() => useCaller(call));
  await waitFor(() => expect(result.current.caller?.number).toBe("0700"));
  const saves: Promise<boolean>[] = [];
  act(() => {
    saves.push(result.current.save({ number: "0711" }), result.current.save({ name: "Li" }));
  });
  await waitFor(() => expect(stored).toEqual([{ number: "0711", name: "", home: "Storgatan 1", remarks: "falls" }]));
  answerPut();
  await waitFor(() => expect(stored).toHaveLength(2));
  expect(stored[1]).toEqual({ number: "0711", name: "Li", home: "Storgatan 1", remarks: "falls" });
  answerPut();
  expect(await Promise.all(saves)).toEqual([true, true]);
  await waitFor(() => expect(result.current.caller).toEqual(stored[1]));
});
