// The hour that is replayed, where in it one is, and how fast it goes on.
import type { Timeline } from "@schema";
import { useEffect, useMemo, useState } from "react";
import { serverNow_ms } from "@/live/clock";
import { askTimeline } from "@/screens/review/asks";
import { Film } from "@/screens/review/film";
import type { Period } from "@/screens/review/period";
import { spanOf, stepOf } from "@/screens/review/span";
import type { Step } from "@/screens/review/story";
import { type Answer, useAnswer } from "@/screens/review/useAnswer";
import { useRoute } from "@/shell/router";

export const LENGTHS_MIN = [15, 30, 60, 180, 720] as const;
export const SPEEDS = [1, 2, 4, 8, 16] as const;
const TICK_MS = 250;

export interface Replay {
  period: Period;
  timeline: Answer<Timeline>;
  film: Film | null;
  index: number;
  setIndex: (index: number) => void;
  playing: boolean;
  setPlaying: (playing: boolean) => void;
  /** Frames in a quarter of a second. */
  speed: number;
  setSpeed: (speed: number) => void;
}

export function useReplay(steps: readonly Step[], incident: number | null): Replay {
  const { query } = useRoute();
  const { at = "", length = "" } = query;
  // biome-ignore lint/correctness/useExhaustiveDependencies: "now" is when it was asked for; the incident's steps stand for it
  const period = useMemo(() => {
    const span = spanOf(query, steps, serverNow_ms());
    return { from_ms: Math.floor(span.from_ms / 1000) * 1000, to_ms: Math.ceil(span.to_ms / 1000) * 1000 };
  }, [at, length, steps]);
  const waits = incident !== null && steps.length === 0 && at === "";
  const key = waits ? null : `${period.from_ms} ${period.to_ms}`;
  const timeline = useAnswer(key, (signal) => askTimeline(period, stepOf(period), signal));
  const film = useMemo(() => (timeline.value ? new Film(timeline.value) : null), [timeline.value]);
  const [place, setPlace] = useState<{ film: Film | null; index: number }>({ film: null, index: 0 });
  const [playing, setPlaying] = useState(false);
  const [speed, setSpeed] = useState<number>(1);
  const index = place.film === film ? Math.min(place.index, Math.max(0, (film?.count ?? 1) - 1)) : 0;
  const setIndex = (wanted: number) => setPlace({ film, index: Math.max(0, Math.min(wanted, (film?.count ?? 1) - 1)) });
  useEffect(() => {
    if (!playing || !film) return undefined;
    const timer = setInterval(() => {
      setPlace((before) => {
        const from = before.film === film ? before.index : 0;
        return { film, index: Math.min(from + speed, film.count - 1) };
      });
    }, TICK_MS);
    return () => clearInterval(timer);
  }, [playing, film, speed]);
  const atEnd = film !== null && index >= film.count - 1;
  useEffect(() => {
    if (atEnd) setPlaying(false);
  }, [atEnd]);
  const play = (wanted: boolean) => {
    if (wanted && atEnd) setIndex(0);
    setPlaying(wanted);
  };
  return { period, timeline, film, index, setIndex, playing, setPlaying: play, speed, setSpeed };
}
