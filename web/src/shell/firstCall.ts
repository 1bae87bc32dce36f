// A newcomer's first minute, across the screens: a call, its place, the questions, the ambulance, its arrival. Who may both
// answer and send in a drill, and commands nobody, is led through all of it; each step is ticked off by what the centre tells.
import type { Call, Seat } from "@schema";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import { get, put, remove } from "@/api/client";
import { beforeSignOut, rolesOf, sessionStore } from "@/api/session";
import { subscribeEvents } from "@/live/apply";
import { useEntity, useNow } from "@/live/hooks";
import { entityOf, liveStore } from "@/live/state";
import { type FirstStep, joined, reachedBy, STEPS } from "@/shell/firstSteps";
import type { GuideStep } from "@/shell/guide";
import { notifyProblem } from "@/shell/notices";
import { routeStore, setQuery, useRoute } from "@/shell/router";

interface FirstCall {
  person: number | null;
  begun_ms: number;
  /** The first call that the person answered. */
  call: number | null;
  reached: readonly FirstStep[];
  /** Of real time, from the first sight of the screen to the arrival. */
  took_s: number | null;
}

const EMPTY: FirstCall = { person: null, begun_ms: 0, call: null, reached: [], took_s: null };
export const firstCallStore = createStore<FirstCall>(() => EMPTY);

function isNewcomer(): boolean {
  const { session, drill } = sessionStore.getState();
  const roles = rolesOf(session);
  return drill && roles.includes("call_taker") && roles.includes("dispatcher") && !roles.includes("duty_commander");
}

function follow(id: number | null): void {
  firstCallStore.setState({ call: id });
}

/** The call that the person has answered first; another one when it needed no ambulance. */
function useOwnCall(person: number | null): number | null {
  const call = useStore(firstCallStore, (store) => store.call);
  useEffect(() => {
    if (person === null) return undefined;
    return subscribeEvents((events) => {
      for (const event of events) {
        const id = Number(event.call);
        const mine = entityOf("calls", id)?.last_change?.actor === person;
        if (event.event === "call_answered" && mine) {
          if (firstCallStore.getState().call === null) follow(id);
        }
        const own = id === firstCallStore.getState().call;
        if (own && (event.event === "call_closed" || event.event === "call_linked")) follow(null);
      }
    });
  }, [person]);
  return call;
}

/** What the newcomer hands over is the newcomer's to send: a desk is taken once, and given back on signing out. */
function useDesk(person: number | null, ready: boolean): void {
  useEffect(() => {
    if (person === null || !ready) return undefined;
    const held = () => liveStore.getState().control.filter(({ kind }) => kind === "seat");
    let taken: number | null = null;
    const take = async () => {
      const { items } = await get<{ items: Seat[] }>("/api/v1/seats?limit=500");
      const desks = items.filter((seat) => seat.desk === "dispatcher");
      if (desks.some((desk) => held().some(({ id, actor }) => id === desk.id && actor === person))) return;
      const free = desks.find((desk) => !held().some(({ id }) => id === desk.id));
      if (free) await put(`/api/v1/control/seat/${free.id}`);
      taken = free?.id ?? null;
    };
    take().catch(notifyProblem);
    return beforeSignOut(async () => {
      if (taken !== null) await remove(`/api/v1/control/seat/${taken}`, { tryFor_ms: 0 });
    });
  }, [person, ready]);
}

/** Where nobody has chosen, Dispatch shows its map to a newcomer, also on a small screen: the way is what there is to see. */
function showMap(): void {
  const key = "mingdi.dispatch.map";
  if (localStorage.getItem(key) === null) localStorage.setItem(key, "1");
}

/** On Dispatch the newcomer finds the own incident, once. */
function useShownIncident(incident: number | null | undefined, sent: boolean): void {
  const { screen } = useRoute();
  const [shown, setShown] = useState<number | null>(null);
  useEffect(() => {
    if (incident == null || sent || screen !== "dispatch" || shown === incident) return;
    setShown(incident);
    if (routeStore.getState().query.incident !== String(incident)) setQuery({ incident });
  }, [incident, sent, screen, shown]);
}

/** A seat that the exercise plays answers within seconds; what it does not answer rings for a person. */
const PLAYED_ANSWERS_MS = 10_000;

function ringsFor(person: number | null, now_ms: number): boolean {
  if (person === null) return false;
  const { calls } = liveStore.getState().tables;
  const rings = (call: Call) =>
    call.state === "offered" && now_ms - Date.parse(call.offered_at ?? "") > PLAYED_ANSWERS_MS;
  return [...calls.values()].some(rings);
}

export interface Story {
  title: string;
  steps: readonly GuideStep[];
  /** When all is done. */
  over: string;
}

/** Null for everybody but a newcomer. */
export function useFirstCall(): Story | null {
  const { t } = useTranslation("shell");
  const id = useStore(sessionStore, (store) => store.session?.person.id ?? null);
  const newcomer = useStore(sessionStore, isNewcomer);
  const ready = useStore(liveStore, (live) => live.ready);
  const person = newcomer ? id : null;
  const seats = useStore(liveStore, (live) => live.control.filter(({ actor }) => actor === person).length);
  const rings = ringsFor(person, useNow());
  const { screen } = useRoute();
  const call = useEntity("calls", useOwnCall(person));
  const incident = useEntity("incidents", call?.incident);
  const reached = useStore(firstCallStore, (store) => store.reached);
  const took_s = useStore(firstCallStore, (store) => store.took_s);
  useDesk(person, ready);
  useShownIncident(call?.incident, reached.includes("send"));
  useEffect(() => {
    if (firstCallStore.getState().person !== person) {
      firstCallStore.setState({ ...EMPTY, person, begun_ms: performance.now() });
      if (person !== null) showMap();
    }
  }, [person]);
  const now = reachedBy({ seats, rings, screen, call, missions: incident?.missions ?? [] }).join();
  useEffect(() => {
    if (person === null) return;
    const before = firstCallStore.getState();
    const after = joined(before.reached, now.split(",") as FirstStep[]);
    const arrived = before.took_s === null && after.includes("arrive");
    const took = arrived ? Math.round((performance.now() - before.begun_ms) / 1000) : before.took_s;
    firstCallStore.setState({ reached: after, took_s: took });
  }, [person, now]);
  if (person === null) return null;
  return {
    title: t("firstCall.title"),
    steps: STEPS.map((step) => ({ id: step, text: t(`firstCall.${step}`), done: reached.includes(step) })),
    over: t("firstCall.over", { seconds: took_s ?? 0 }),
  };
}
