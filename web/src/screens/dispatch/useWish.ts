// What a line asks for, done: orders by the centre, the rest by the screen.
import { useCallback } from "react";
import { entityOf } from "@/live/state";
import type { Wish } from "@/screens/dispatch/line/parse";
import { isWaiting, nextWaiting } from "@/screens/dispatch/need";
import type { Perform } from "@/screens/dispatch/perform";
import { dispatchStore, toggleMap } from "@/screens/dispatch/store";

/** Whether somebody has to decide on it now: one that is being asked about is decided on a moment later. */
function waits(id: number): boolean {
  const incident = entityOf("incidents", id);
  return incident !== undefined && incident.state !== "asking" && isWaiting(incident);
}

export function goNext(ids: readonly number[], selected: number | null, select: (id: number) => void): void {
  const next = nextWaiting(ids, selected, waits);
  if (next !== undefined) select(next);
}

export function useWish(
  perform: Perform,
  ids: readonly number[],
  selected: number | null,
  select: (id: number) => void,
): (wish: Wish) => Promise<boolean> {
  return useCallback(
    async (wish: Wish) => {
      if ("orders" in wish) {
        for (const order of wish.orders) {
          if (!(await perform(order))) return false;
        }
        return true;
      }
      if ("go" in wish) select(wish.go);
      else if ("show" in wish) dispatchStore.setState({ filter: wish.show });
      else if (wish.screen === "map") toggleMap();
      else if (wish.screen === "help") dispatchStore.setState({ linesHelp: true });
      else goNext(ids, selected, select);
      return true;
    },
    [perform, ids, selected, select],
  );
}
