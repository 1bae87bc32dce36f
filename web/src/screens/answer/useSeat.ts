// At which seat the person sits. In a drill a seat that nobody has in hand is played by the exercise.
import type { ControlHeld, Seat } from "@schema";
import { useCallback, useEffect, useRef, useState } from "react";
import { useStore } from "zustand";
import { get, put, remove } from "@/api/client";
import { asProblem } from "@/api/problem";
import { beforeSignOut, rolesOf, sessionStore } from "@/api/session";
import { liveStore } from "@/live/state";
import { isTalking } from "@/screens/answer/need";
import { notifyProblem } from "@/shell/notices";

export interface SeatHandle {
  /** The person's own, once it is known. */
  seat: Seat | null;
  seats: readonly Seat[];
  free: readonly Seat[];
  take: (id: number) => void;
  give: () => void;
}

function holds(person: number | undefined, seat: number): boolean {
  return liveStore.getState().control.some(({ kind, id, actor }) => kind === "seat" && id === seat && actor === person);
}

/** Whether a call still waits for the seat's answer; such a seat is not given back by walking to another screen. */
function isBusy(seat: number): boolean {
  for (const call of liveStore.getState().tables.calls.values()) {
    if (call.seat === seat && isTalking(call)) return true;
  }
  return false;
}

const takeSeat = (id: number) => put<ControlHeld>(`/api/v1/control/seat/${id}`);
const giveBack = (id: number) => remove(`/api/v1/control/seat/${id}`, { tryFor_ms: 0 });

/** The seats of call-takers; a person who only answers calls gets a free one at once. */
export function useSeat(): SeatHandle {
  const session = useStore(sessionStore, (store) => store.session);
  const control = useStore(liveStore, (live) => live.control);
  const [seats, setSeats] = useState<readonly Seat[]>([]);
  const person = session?.person.id;
  const own = control.filter((held) => held.kind === "seat" && held.actor === person);
  const seat = seats.find((one) => own.some((held) => held.id === one.id)) ?? null;
  const id = seat?.id ?? null;
  const free = seats.filter((one) => !control.some((held) => held.kind === "seat" && held.id === one.id));
  const [tried, setTried] = useState<readonly number[]>([]);
  const untried = free.filter((one) => !tried.includes(one.id));
  const first = (untried.find((one) => !isBusy(one.id)) ?? untried[0])?.id;

  useEffect(() => {
    get<{ items: Seat[] }>("/api/v1/seats?limit=500").then(({ items }) => {
      // Who sends units as well has another seat for that.
      setSeats(items.filter((one) => one.desk === "call_taker" || one.desk === ""));
    }, notifyProblem);
  }, []);

  const take = useCallback(
    (wanted: number) => {
      const release = id !== null && id !== wanted ? giveBack(id) : Promise.resolve();
      release.then(() => takeSeat(wanted)).catch(notifyProblem);
    },
    [id],
  );

  const roles = rolesOf(session);
  const only = roles.includes("call_taker") && !roles.includes("duty_commander");
  const byItself = useRef(true);
  useEffect(() => {
    if (!only || id !== null || !byItself.current || first === undefined) return;
    byItself.current = false;
    takeSeat(first).catch((thrown) => {
      if (asProblem(thrown).name !== "taken_already") return notifyProblem(thrown);
      // Somebody sat down there in this moment: the next one.
      byItself.current = true;
      setTried((before) => [...before, first]);
    });
  }, [only, id, first]);

  useEffect(() => {
    if (id === null) return undefined;
    const forget = beforeSignOut(() => giveBack(id));
    return () => {
      forget();
      const signedIn = sessionStore.getState().state === "in";
      if (signedIn && holds(person, id) && !isBusy(id)) giveBack(id).catch(() => {});
    };
  }, [id, person]);

  const give = () => {
    if (id !== null) giveBack(id).catch(notifyProblem);
  };
  return { seat, seats, free, take, give };
}
