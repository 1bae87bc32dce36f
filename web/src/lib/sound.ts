// A sound that is repeated as long as something waits. Never the only sign: what sounds is also to be seen. The choice to mute
// stays with this machine, under the key given.
import { useCallback, useEffect, useState } from "react";

export interface Tone {
  hz: number;
  /** From the beginning of the sound. */
  at_s: number;
  for_s: number;
}

export interface SoundSetup {
  tones: readonly Tone[];
  every_ms: number;
  /** Where the choice is kept. */
  stored: string;
}

export interface Sound {
  muted: boolean;
  setMuted: (muted: boolean) => void;
  /** The browser makes no sound before the page has been touched once. */
  held: boolean;
}

const LOUDNESS = 0.5;
/** Nearly nothing: an exponential ramp cannot begin or end in silence. */
const QUIET = 0.0001;

function play(context: AudioContext, tones: readonly Tone[]): void {
  for (const { hz, at_s, for_s } of tones) {
    const from_s = context.currentTime + 0.02 + at_s;
    const tone = context.createOscillator();
    const shape = context.createGain();
    tone.frequency.value = hz;
    shape.gain.setValueAtTime(QUIET, from_s);
    shape.gain.exponentialRampToValueAtTime(LOUDNESS, from_s + 0.02);
    shape.gain.exponentialRampToValueAtTime(QUIET, from_s + for_s);
    tone.connect(shape).connect(context.destination);
    tone.start(from_s);
    tone.stop(from_s + for_s);
  }
}

function isMuted(stored: string): boolean {
  return localStorage.getItem(stored) === "1";
}

/** Sounds as long as `active`; keep `setup.tones` outside of the component. */
export function useSound({ tones, every_ms, stored }: SoundSetup, active: boolean): Sound {
  const [choice, setChoice] = useState(() => ({ stored, muted: isMuted(stored) }));
  // Somebody else sits here now.
  const current = choice.stored === stored ? choice : { stored, muted: isMuted(stored) };
  if (current !== choice) setChoice(current);
  const { muted } = current;
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (!active || muted || typeof AudioContext === "undefined") return undefined;
    let context: AudioContext | null = null;
    const sound = () => {
      const touched = navigator.userActivation?.hasBeenActive ?? true;
      setHeld(!touched);
      if (!touched) return;
      context ??= new AudioContext();
      if (context.state === "running") play(context, tones);
      else void context.resume();
    };
    sound();
    const timer = setInterval(sound, every_ms);
    return () => {
      clearInterval(timer);
      setHeld(false);
      void context?.close();
    };
  }, [active, muted, tones, every_ms]);
  const setMuted = useCallback(
    (value: boolean) => {
      localStorage.setItem(stored, value ? "1" : "0");
      setChoice({ stored, muted: value });
    },
    [stored],
  );
  return { muted, setMuted, held };
}
