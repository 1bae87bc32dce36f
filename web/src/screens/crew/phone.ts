// What the phone itself gives: a screen that stays on during a mission, and installing.
import { useEffect } from "react";
import { createStore } from "zustand/vanilla";

/** Keeps the screen on as long as `on`; the phone gives it up whenever the page is hidden. */
export function useWakeLock(on: boolean): void {
  useEffect(() => {
    if (!on || !("wakeLock" in navigator)) return undefined;
    let lock: WakeLockSentinel | null = null;
    let ended = false;
    const ask = async () => {
      if (document.visibilityState !== "visible") return;
      try {
        lock = await navigator.wakeLock.request("screen");
        if (ended) await lock.release();
      } catch {
        // Refused, e.g. with a low battery: the screen then goes dark as it always does.
      }
    };
    const again = () => void ask();
    again();
    document.addEventListener("visibilitychange", again);
    return () => {
      ended = true;
      document.removeEventListener("visibilitychange", again);
      void lock?.release();
    };
  }, [on]);
}

interface InstallPrompt extends Event {
  prompt: () => Promise<unknown>;
}

export const installStore = createStore<{ offer: InstallPrompt | null }>(() => ({ offer: null }));

window.addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  installStore.setState({ offer: event as InstallPrompt });
});
window.addEventListener("appinstalled", () => installStore.setState({ offer: null }));

export async function install(): Promise<void> {
  const { offer } = installStore.getState();
  installStore.setState({ offer: null });
  await offer?.prompt();
}
