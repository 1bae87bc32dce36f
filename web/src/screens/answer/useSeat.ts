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

function heldBy(actor: number | undefined): number | null {
  const own = liveStore.getState().control.find((held) => held.kind === "seat" && held.actor === actor);
  return own?.id ?? null;
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
  const id = control.find((held) => held.kind === "seat" && held.actor === person)?.id ?? null;
  const seat = seats.find((one) => one.id === id) ?? null;
  const free = seats.filter((one) => !control.some((held) => held.kind === "seat" && held.id === one.id));
  const [tried, setTried] = useState<readonly number[]>([]);
  const first = free.find((one) => one.desk === "call_taker" && !tried.includes(one.id))?.id;

  useEffect(() => {
    get<{ items: Seat[] }>("/api/v1/seats?limit=500").then(({ items }) => {
      const mine = heldBy(sessionStore.getState().session?.person.id);
      setSeats(items.filter((one) => one.desk === "call_taker" || one.desk === "" || one.id === mine));
    }, notifyProblem);
  }, []);

  const take = useCallback((wanted: number) => {
    const before = heldBy(sessionStore.getState().session?.person.id);
    const release = before !== null && before !== wanted ? giveBack(before) : Promise.resolve();
    release.then(() => takeSeat(wanted)).catch(notifyProblem);
  }, []);

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
      if (signedIn && heldBy(person) === id && !isBusy(id)) giveBack(id).catch(() => {});
    };
  }, [id, person]);

  const give = () => {
    if (id !== null) giveBack(id).catch(notifyProblem);
  };
  return { seat, seats, free, take, give };
}
