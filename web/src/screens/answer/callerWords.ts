// In an exercise a caller's story stands in the remarks: what is said, where, and what was meant by it. What the call-taker
// notes comes below it.
import type { Point } from "@schema";

export interface CallerWords {
  /** What the caller says; empty outside of exercises. */
  story: string;
  /** What the author of the story meant: protocol and priority. */
  meant: string;
  /** Where the caller says to be. */
  road: string;
  point: Point | null;
  /** What was noted during the call. */
  notes: string;
  /** The story as it stood, to be kept in front of the notes. */
  kept: string;
}

const STORY = /^EXERCISE\. ([^\n]*)/;
const PLACE = /\s*(?:I am at|我在) (?:(.{1,90}?), )?lon (-?\d{1,3}\.\d+), lat (-?\d{1,2}\.\d+)\./;
const MEANT = /\s*\(Meant: ([^)\n]*)\.\)/;

export function readRemarks(remarks: string): CallerWords {
  const kept = STORY.exec(remarks);
  if (!kept) return { story: "", meant: "", road: "", point: null, notes: remarks, kept: "" };
  const told = kept[1] ?? "";
  const place = PLACE.exec(told);
  return {
    story: told.replace(MEANT, "").replace(PLACE, "").trim(),
    meant: MEANT.exec(told)?.[1] ?? "",
    road: place?.[1] ?? "",
    point: place ? { lon: Number(place[2]), lat: Number(place[3]) } : null,
    notes: remarks.slice(kept[0].length).replace(/^\n/, ""),
    kept: kept[0],
  };
}

export function writeRemarks(words: CallerWords, notes: string): string {
  return words.kept ? (notes ? `${words.kept}\n${notes}` : words.kept) : notes;
}
