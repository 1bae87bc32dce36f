// First steps: a screen says what a newcomer does next (useGuide), the panel shows it in drills until it is put away.
import { useEffect } from "react";
import { createStore } from "zustand/vanilla";

export interface GuideStep {
  id: string;
  /** What to do, with the key: "Press Enter to answer the ringing call." */
  text: string;
  done: boolean;
}

const STORED = "mingdi.guide.dismissed";

interface GuideStore {
  title: string;
  steps: readonly GuideStep[];
  dismissed: boolean;
}

export const guideStore = createStore<GuideStore>(() => ({
  title: "",
  steps: [],
  dismissed: localStorage.getItem(STORED) === "1",
}));

export function setGuideDismissed(dismissed: boolean): void {
  localStorage.setItem(STORED, dismissed ? "1" : "0");
  guideStore.setState({ dismissed });
}

/** The steps of the screen that stands; those done are ticked off by the screen itself. */
export function useGuide(title: string, steps: readonly GuideStep[]): void {
  const text = JSON.stringify(steps);
  useEffect(() => {
    guideStore.setState({ title, steps: JSON.parse(text) as GuideStep[] });
  }, [title, text]);
  useEffect(() => () => guideStore.setState({ title: "", steps: [] }), []);
}
