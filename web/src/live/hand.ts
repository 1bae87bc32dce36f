import { useEffect } from "react";
import { put, remove } from "@/api/client";
import type { Hand } from "@/live/state";

/** How long something must be looked at before others are told: arrows run through a list without a trace. */
const LOOKED_AT_MS = 400;

/** Shows the others that one works on this, as long as it stands. Losing a hand forbids nothing, so trouble is not told. */
export function useHand(kind: Hand["kind"], id: number | null | undefined): void {
  useEffect(() => {
    if (id == null) return undefined;
    const path = `/api/v1/hands/${kind}/${id}`;
    let shown = false;
    const timer = setTimeout(() => {
      shown = true;
      put(path, undefined, { tryFor_ms: 0 }).catch(() => {});
    }, LOOKED_AT_MS);
    return () => {
      clearTimeout(timer);
      if (shown) remove(path, { tryFor_ms: 0 }).catch(() => {});
    };
  }, [kind, id]);
}
