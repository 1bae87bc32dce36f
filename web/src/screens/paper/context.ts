import { createContext, useContext } from "react";
import type { Entry } from "@/screens/paper/useEntry";

export const EntryContext = createContext<Entry | null>(null);

/** The form that is being typed, for its fields. */
export function useEntryHere(): Entry {
  const entry = useContext(EntryContext);
  if (!entry) throw new Error("a field of a form stands outside of one");
  return entry;
}
