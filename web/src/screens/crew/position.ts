// Where the phone is, told to the centre while the crew wants it so. Only the newest counts; nothing of it is kept.
import type { PositionsTaken } from "@schema";
import { createStore } from "zustand/vanilla";
import { post } from "@/api/client";
import { asProblem } from "@/api/problem";
import { sessionStore } from "@/api/session";
import { centreNow_ms } from "@/lib/contact";

const CONSENT = "mingdi.crew.position";
/** Not more often than this; a phone in a moving car has a new place every second. */
const EVERY_MS = 5_000;

type Trouble = "forbidden" | "no_signal" | "refused" | "not_sent" | null;

export interface PositionState {
  /** The person's own will, on this phone. */
  on: boolean;
  /** When the centre took the newest one, by its own clock. */
  sentAt_ms: number | null;
  accuracy_m: number | null;
  trouble: Trouble;
}

function person(): string {
  return String(sessionStore.getState().session?.person.id ?? "");
}

function isWanted(): boolean {
  return person() !== "" && localStorage.getItem(CONSENT) === person();
}

export const positionStore = createStore<PositionState>(() => ({
  on: isWanted(),
  sentAt_ms: null,
  accuracy_m: null,
  trouble: null,
}));

// The next shift's phone is the same one, and its person is asked anew.
sessionStore.subscribe(() => {
  if (positionStore.getState().on !== isWanted()) positionStore.setState({ on: isWanted(), sentAt_ms: null });
});

export function setConsent(on: boolean): void {
  if (on) localStorage.setItem(CONSENT, person());
  else localStorage.removeItem(CONSENT);
  positionStore.setState({ on, sentAt_ms: null, accuracy_m: null, trouble: null });
}

async function tell(unit: number, { coords }: GeolocationPosition): Promise<void> {
  const at_ms = centreNow_ms();
  const fix = { unit, lon: coords.longitude, lat: coords.latitude, at: new Date(at_ms).toISOString() };
  const accuracy_m = Math.round(coords.accuracy);
  try {
    const answer = await post<PositionsTaken>("/api/v1/positions", [fix], { tryFor_ms: 0 });
    const refused = answer.refused.length > 0;
    positionStore.setState(refused ? { trouble: "refused" } : { sentAt_ms: at_ms, accuracy_m, trouble: null });
  } catch (thrown) {
    positionStore.setState({ trouble: asProblem(thrown).isPassing ? "not_sent" : "refused" });
  }
}

/** Reports from now on; returns how to end it. */
export function reportPosition(unit: number): () => void {
  if (!("geolocation" in navigator)) {
    positionStore.setState({ trouble: "forbidden" });
    return () => {};
  }
  let newest: GeolocationPosition | null = null;
  let told = Number.NEGATIVE_INFINITY;
  const tick = () => {
    if (!newest || performance.now() - told < EVERY_MS) return;
    told = performance.now();
    const fix = newest;
    newest = null;
    void tell(unit, fix);
  };
  const watch = navigator.geolocation.watchPosition(
    (position) => {
      newest = position;
      tick();
    },
    (problem) => positionStore.setState({ trouble: problem.code === 1 ? "forbidden" : "no_signal" }),
    { enableHighAccuracy: true, maximumAge: 2_000, timeout: 30_000 },
  );
  const timer = setInterval(tick, 1_000);
  return () => {
    navigator.geolocation.clearWatch(watch);
    clearInterval(timer);
  };
}
