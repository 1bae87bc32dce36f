// At which desk the person sits. In a drill a desk that nobody has in hand is played by the exercise, which decides by itself.
import type { ControlHeld, Seat } from "@schema";
import { useCallback, useEffect, useMemo, useState } from "react";
import { useStore } from "zustand";
import { get, put, remove } from "@/api/client";
import { beforeSignOut, rolesOf, sessionStore } from "@/api/session";
import { liveStore } from "@/live/state";
import { notifyProblem } from "@/shell/notices";

export interface Desks {
  mine: readonly Seat[];
  free: readonly Seat[];
  take: (id: number) => void;
  give: (id: number) => void;
}

const pathOf = (id: number) => `/api/v1/control/seat/${id}`;
const giveBack = (id: number) => remove(pathOf(id), { tryFor_ms: 0 });

// A desk is taken by itself once in a session; who has given it back wants to look on.
let offered = false;

/** The dispatchers' desks. They stay the person's on other screens too, and are given back when he signs out. */
export function useDesks(): Desks {
  const session = useStore(sessionStore, (store) => store.session);
  const drill = useStore(sessionStore, (store) => store.drill);
  const control = useStore(liveStore, (live) => live.control);
  const [seats, setSeats] = useState<readonly Seat[]>([]);
  const person = session?.person.id;
  useEffect(() => {
    if (!drill) return;
    get<{ items: Seat[] }>("/api/v1/seats?limit=500").then(
      ({ items }) => setSeats(items.filter((seat) => seat.desk === "dispatcher")),
      notifyProblem,
    );
  }, [drill]);
  const { mine, free } = useMemo(() => {
    const holder = (id: number) => control.find((held) => held.kind === "seat" && held.id === id)?.actor;
    return {
      mine: seats.filter((seat) => holder(seat.id) === person),
      free: seats.filter((seat) => holder(seat.id) === undefined),
    };
  }, [seats, control, person]);
  const take = useCallback((id: number) => {
    put<ControlHeld>(pathOf(id)).catch(notifyProblem);
  }, []);
  const give = useCallback((id: number) => {
    giveBack(id).catch(notifyProblem);
  }, []);
  const only = rolesOf(session).every((role) => role === "dispatcher");
  const first = free[0]?.id;
  useEffect(() => {
    if (offered || !only || mine.length > 0 || first === undefined) return;
    offered = true;
    take(first);
  }, [only, mine.length, first, take]);
  return { mine, free, take, give };
}

/** Given back by whoever signs out, from whatever screen. */
beforeSignOut(async () => {
  offered = false;
  const person = sessionStore.getState().session?.person.id;
  const held = liveStore.getState().control.filter(({ kind, actor }) => kind === "seat" && actor === person);
  await Promise.all(held.map(({ id }) => giveBack(id)));
});
