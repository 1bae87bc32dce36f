import { type Sound, type SoundSetup, useSound } from "@/lib/sound";

const TONE_S = 0.22;

const SETUP: SoundSetup = {
  tones: [
    { hz: 880, at_s: 0, for_s: TONE_S },
    { hz: 660, at_s: TONE_S + 0.05, for_s: TONE_S },
  ],
  every_ms: 3_000,
  stored: "mingdi.hospital.muted",
};

/** The sound of pre-alerts that nobody has acknowledged: two tones every three seconds, until somebody has or mutes it. */
export function useAlarmSound(active: boolean): Sound {
  return useSound(SETUP, active);
}
