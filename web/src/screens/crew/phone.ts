// What the phone itself gives: a screen that stays on during a mission, a sound, and installing.
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

const BEEPS_S = [0, 0.3, 0.6, 1.4, 1.7, 2];
const BEEP_S = 0.18;

/** A new order: heard and felt. A page that nobody has touched yet may do neither; the order stands on the screen all the same. */
export function ring(): void {
  navigator.vibrate?.([200, 100, 200, 100, 400]);
  const sound = new AudioContext();
  if (sound.state === "suspended") {
    void sound.close();
    return;
  }
  const loudness = sound.createGain();
  loudness.gain.value = 0.3;
  loudness.connect(sound.destination);
  for (const at_s of BEEPS_S) {
    const tone = sound.createOscillator();
    tone.frequency.value = 880;
    tone.connect(loudness);
    tone.start(sound.currentTime + at_s);
    tone.stop(sound.currentTime + at_s + BEEP_S);
    if (at_s === BEEPS_S.at(-1)) tone.onended = () => void sound.close();
  }
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
