// Which hospital the screen shows, and whether the person works there or only looks.
import type { ControlHeld, Facility } from "@schema";
import { useCallback, useEffect, useMemo, useRef } from "react";
import { useStore } from "zustand";
import { put, remove } from "@/api/client";
import { beforeSignOut, sessionStore } from "@/api/session";
import { useEntity, useSelected } from "@/live/hooks";
import { liveStore } from "@/live/state";
import { notifyProblem } from "@/shell/notices";
import { useQueryId } from "@/shell/router";

export interface Choice {
  id: number;
  name: string;
}

export interface Place {
  facility: Facility | undefined;
  /** What may be looked at, by name. */
  choices: readonly Choice[];
  choose: (id: number) => void;
  /** The person works there: may change beds and status. */
  own: boolean;
}

const asText = (facilities: Iterable<Facility>) =>
  [...facilities].map((facility) => `${facility.id} ${facility.name || facility.code}`);

/** One's own hospital; who may see all of them chooses. */
export function useFacility(): Place {
  const session = useStore(sessionStore, (store) => store.session);
  const [wanted, choose] = useQueryId("facility");
  const texts = useSelected("facilities", asText);
  const choices = useMemo(
    () =>
      texts
        .map((text) => ({ id: Number.parseInt(text, 10), name: text.slice(text.indexOf(" ") + 1) }))
        .sort((one, other) => one.name.localeCompare(other.name)),
    [texts],
  );
  const grants = session?.person.grants ?? [];
  const mine = grants.filter((grant) => grant.role === "hospital").map((grant) => grant.id);
  const all = grants.some((grant) => grant.role !== "hospital");
  const offered = all ? choices : choices.filter((choice) => mine.includes(choice.id));
  const id = offered.find((choice) => choice.id === wanted)?.id ?? mine[0] ?? offered[0]?.id;
  return {
    facility: useEntity("facilities", id),
    choices: offered,
    choose,
    own: id !== undefined && mine.includes(id),
  };
}

export interface Hand {
  /** drill: the exercise plays it, nobody has it. other: somebody else has it. */
  holder: "mine" | "other" | "nobody";
  take: () => void;
  give: () => void;
}

const pathOf = (id: number) => `/api/v1/control/facility/${id}`;

/** In a drill the hospital is played by the exercise until a person takes it: who works there does so by coming here. */
export function useFacilityHand(id: number | null): Hand {
  const control = useStore(liveStore, (live) => live.control);
  const drill = useStore(sessionStore, (store) => store.drill);
  const person = useStore(sessionStore, (store) => store.session?.person.id);
  const actor = control.find((held) => held.kind === "facility" && held.id === id)?.actor;
  const holder = actor === undefined ? "nobody" : actor === person ? "mine" : "other";
  const offered = useRef<number | null>(null);
  const take = useCallback(() => {
    if (id !== null) put<ControlHeld>(pathOf(id)).catch(notifyProblem);
  }, [id]);
  const give = useCallback(() => {
    if (id !== null) remove(pathOf(id)).catch(notifyProblem);
  }, [id]);
  useEffect(() => {
    if (!drill || id === null || holder !== "nobody" || offered.current === id) return;
    offered.current = id;
    take();
  }, [drill, id, holder, take]);
  useEffect(() => {
    if (!drill || id === null || holder !== "mine") return undefined;
    const release = () => remove(pathOf(id), { tryFor_ms: 0 });
    const forget = beforeSignOut(release);
    return () => {
      forget();
      const held = liveStore.getState().control.some((one) => one.kind === "facility" && one.id === id);
      if (held && sessionStore.getState().state === "in") release().catch(() => {});
    };
  }, [drill, id, holder]);
  return { holder, take, give };
}
