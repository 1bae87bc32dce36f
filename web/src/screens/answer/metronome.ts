// A click a beat, by the sound card's own clock: timers of a page are too uneven for it.
const AHEAD_S = 0.15;
const LOOK_EVERY_MS = 40;
const CLICK_S = 0.035;
const EVERY_THIRTIETH_HZ = 1320;
const CLICK_HZ = 880;

export interface Metronome {
  setMuted: (muted: boolean) => void;
  stop: () => void;
}

function click(context: AudioContext, out: GainNode, at_s: number, count: number): void {
  const tone = context.createOscillator();
  const shape = context.createGain();
  tone.frequency.value = count % 30 === 0 ? EVERY_THIRTIETH_HZ : CLICK_HZ;
  shape.gain.setValueAtTime(0.0001, at_s);
  shape.gain.exponentialRampToValueAtTime(0.6, at_s + 0.002);
  shape.gain.exponentialRampToValueAtTime(0.0001, at_s + CLICK_S);
  tone.connect(shape).connect(out);
  tone.start(at_s);
  tone.stop(at_s + CLICK_S);
}

/** Begins at once; every thirtieth beat is higher. Without sound (no card, not allowed) the beat is still to be seen. */
export function startMetronome(beatsAMinute: number, muted: boolean): Metronome {
  if (typeof AudioContext === "undefined") return { setMuted: () => {}, stop: () => {} };
  const context = new AudioContext();
  const out = context.createGain();
  out.gain.value = muted ? 0 : 1;
  out.connect(context.destination);
  void context.resume();
  const every_s = 60 / beatsAMinute;
  let next_s = context.currentTime + 0.05;
  let count = 0;
  const timer = setInterval(() => {
    // A page that slept takes up the beat again instead of making up for it.
    if (next_s < context.currentTime - every_s) next_s = context.currentTime;
    for (; next_s < context.currentTime + AHEAD_S; next_s += every_s) {
      count += 1;
      click(context, out, next_s, count);
    }
  }, LOOK_EVERY_MS);
  return {
    setMuted: (now) => out.gain.setTargetAtTime(now ? 0 : 1, context.currentTime, 0.01),
    stop: () => {
      clearInterval(timer);
      void context.close();
    },
  };
}
