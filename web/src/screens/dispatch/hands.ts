import { useStore } from "zustand";
import { sessionStore } from "@/api/session";
import { useHands } from "@/live/hooks";

/** The names of the others who are at work on the incident, "Li Na, Wang"; empty: nobody else. */
export function useOtherHands(incident: number): string {
  const own = useStore(sessionStore, (store) => store.session?.person.id);
  const hands = useHands("incident", incident).filter((hand) => hand.person !== own);
  return [...new Set(hands.map((hand) => hand.name))].join(", ");
}
