// The sound of pre-alerts that nobody has acknowledged: two tones every three seconds, until somebody has or mutes it.
import { useEffect, useState } from "react";

const EVERY_MS = 3_000;
const TONES_HZ = [880, 660];
const TONE_S = 0.22;
const STORED = "mingdi.hospital.muted";

function play(context: AudioContext): void {
  TONES_HZ.forEach((frequency, index) => {
    const at_s = context.currentTime + 0.02 + index * (TONE_S + 0.05);
    const tone = context.createOscillator();
    const shape = context.createGain();
    tone.frequency.value = frequency;
    shape.gain.setValueAtTime(0.0001, at_s);
    shape.gain.exponentialRampToValueAtTime(0.5, at_s + 0.02);
    shape.gain.exponentialRampToValueAtTime(0.0001, at_s + TONE_S);
    tone.connect(shape).connect(context.destination);
    tone.start(at_s);
    tone.stop(at_s + TONE_S);
  });
}

export interface AlarmSound {
  muted: boolean;
  setMuted: (muted: boolean) => void;
  /** The browser makes no sound before the page has been touched once. */
  held: boolean;
}

/** Sounds as long as `active`; the choice to mute stays with this machine. */
export function useAlarmSound(active: boolean): AlarmSound {
  const [muted, mute] = useState(() => localStorage.getItem(STORED) === "1");
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (!active || muted || typeof AudioContext === "undefined") return undefined;
    let context: AudioContext | null = null;
    const sound = () => {
      const touched = navigator.userActivation?.hasBeenActive ?? true;
      setHeld(!touched);
      if (!touched) return;
      context ??= new AudioContext();
      if (context.state === "running") play(context);
      else void context.resume();
    };
    sound();
    const timer = setInterval(sound, EVERY_MS);
    return () => {
      clearInterval(timer);
      setHeld(false);
      void context?.close();
    };
  }, [active, muted]);
  const setMuted = (value: boolean) => {
    localStorage.setItem(STORED, value ? "1" : "0");
    mute(value);
  };
  return { muted, setMuted, held };
}
