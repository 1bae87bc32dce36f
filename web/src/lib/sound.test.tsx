// @vitest-environment happy-dom
import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { useSound } from "@/lib/sound";

const TONES = [
  { hz: 500, at_s: 0, for_s: 0.1 },
  { hz: 600, at_s: 0.2, for_s: 0.1 },
];
const setup = (stored: string) => ({ tones: TONES, every_ms: 1000, stored });
const begun: number[] = [];
let touched = true;

class Context {
  state = "running";
  currentTime = 0;
  destination = {};
  createOscillator() {
    const frequency = { value: 0 };
    return { frequency, connect: (to: unknown) => to, start: () => begun.push(frequency.value), stop: () => {} };
  }
  createGain() {
    const gain = { setValueAtTime: () => {}, exponentialRampToValueAtTime: () => {} };
    return { gain, connect: () => {} };
  }
  resume() {
    return Promise.resolve();
  }
  close() {
    return Promise.resolve();
  }
}

describe("a repeated sound", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal("AudioContext", Context);
    Object.defineProperty(navigator, "userActivation", {
      configurable: true,
      get: () => ({ hasBeenActive: touched }),
    });
    localStorage.clear();
    begun.length = 0;
    touched = true;
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("is heard at once and again, and ends with what it is for", () => {
    const hook = renderHook(({ active }) => useSound(setup("a"), active), { initialProps: { active: true } });
    expect(begun).toEqual([500, 600]);
    vi.advanceTimersByTime(2000);
    expect(begun).toHaveLength(6);
    hook.rerender({ active: false });
    vi.advanceTimersByTime(5000);
    expect(begun).toHaveLength(6);
  });

  it("is muted for one person, and for nobody else", () => {
    const hook = renderHook(({ stored }) => useSound(setup(stored), true), { initialProps: { stored: "a" } });
    act(() => hook.result.current.setMuted(true));
    vi.advanceTimersByTime(3000);
    expect(begun).toHaveLength(2);
    expect(localStorage.getItem("a")).toBe("1");
    hook.rerender({ stored: "b" });
    expect(hook.result.current.muted).toBe(false);
    expect(begun).toHaveLength(4);
    hook.rerender({ stored: "a" });
    expect(hook.result.current.muted).toBe(true);
  });

  it("says that the browser holds it back until the page was touched", () => {
    touched = false;
    const hook = renderHook(() => useSound(setup("a"), true));
    expect(hook.result.current.held).toBe(true);
    expect(begun).toEqual([]);
    touched = true;
    act(() => void vi.advanceTimersByTime(1000));
    expect(hook.result.current.held).toBe(false);
    expect(begun).toEqual([500, 600]);
  });
});
