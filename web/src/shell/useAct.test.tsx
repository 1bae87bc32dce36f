// @vitest-environment happy-dom
import { act, cleanup, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { noticeStore } from "@/shell/notices";
import { useAct } from "@/shell/useAct";

beforeEach(() => noticeStore.setState({ notices: [] }));
afterEach(cleanup);

/** Tasks that end when they are told to, and in which order they were begun. */
function tasks() {
  const begun: string[] = [];
  const end: Record<string, (fails?: boolean) => void> = {};
  const task = (name: string) => () =>
    new Promise<string>((resolve, reject) => {
      begun.push(name);
      end[name] = (fails) => (fails ? reject(new Error(name)) : resolve(name));
    });
  return { begun, end, task };
}

describe("an act", () => {
  it("that is pressed twice is done once", async () => {
    const { result } = renderHook(() => useAct());
    const { begun, end, task } = tasks();
    let first: Promise<string | null> = Promise.resolve(null);
    await act(async () => {
      first = result.current.run(task("hand over"), "hand over");
      expect(await result.current.run(task("hand over"), "hand over")).toBeNull();
    });
    expect(result.current.pending).toBe(true);
    await act(async () => end["hand over"]?.());
    expect(await first).toBe("hand over");
    expect(begun).toEqual(["hand over"]);
    expect(result.current.pending).toBe(false);
  });

  it("waits for the one before, and is done also when that was refused", async () => {
    const { result } = renderHook(() => useAct());
    const { begun, end, task } = tasks();
    let second: Promise<string | null> = Promise.resolve(null);
    await act(async () => {
      void result.current.run(task("priority"), "priority");
      second = result.current.run(task("hand over"), "hand over");
    });
    expect(begun).toEqual(["priority"]);
    await act(async () => end.priority?.(true));
    expect(begun).toEqual(["priority", "hand over"]);
    expect(noticeStore.getState().notices).toHaveLength(1);
    await act(async () => end["hand over"]?.());
    expect(await second).toBe("hand over");
  });
});
