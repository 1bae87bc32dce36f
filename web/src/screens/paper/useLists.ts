// What can be chosen from: units and facilities are known from the stream, seats and districts are asked for until they come.
import type { District, Facility, Seat, Unit } from "@schema";
import { useEffect, useMemo } from "react";
import { get } from "@/api/client";
import { useConnection, useSelected } from "@/live/hooks";
import type { Coded } from "@/screens/paper/CodeField";
import { useAnswer } from "@/screens/review/useAnswer";

const ASK_AGAIN_MS = 3_000;

export interface Choice {
  value: string;
  text: string;
}

export interface Lists {
  seats: readonly Choice[];
  districts: readonly Choice[];
  units: readonly Coded[];
  facilities: readonly Coded[];
}

const none: readonly never[] = [];

// As texts, so that nothing renders again while units drive and beds are counted.
const told = ({ id, code, name }: Coded) => `${id}\t${code}\t${name}`;
const pickUnits = (units: Iterable<Unit>) => [...units].map(told);
const pickFacilities = (facilities: Iterable<Facility>) => [...facilities].map(told);

function codedOf(texts: readonly string[]): Coded[] {
  return texts.map((text) => {
    const [id, code = "", name = ""] = text.split("\t");
    return { id: Number(id), code, name };
  });
}

async function listOf<T>(path: string, signal: AbortSignal): Promise<T[]> {
  const { items } = await get<{ items: T[] }>(`/api/v1/${path}?limit=500`, { signal });
  return items;
}

/** Asked again as long as the centre could not be reached. */
function useListOf<T>(path: string): readonly T[] {
  const { value, problem, again } = useAnswer(path, (signal) => listOf<T>(path, signal));
  const { cut } = useConnection();
  const isToBeAsked = !cut && problem?.isPassing === true;
  useEffect(() => {
    if (!isToBeAsked) return undefined;
    const timer = setTimeout(again, ASK_AGAIN_MS);
    return () => clearTimeout(timer);
  }, [isToBeAsked, again]);
  return value ?? none;
}

export function useLists(): Lists {
  const units = useSelected("units", pickUnits);
  const facilities = useSelected("facilities", pickFacilities);
  // Without them the form can be entered too: nobody knows then at which seat the call was answered.
  const seats = useListOf<Seat>("seats");
  const districts = useListOf<District>("districts");
  return useMemo(
    () => ({
      seats: seats
        .filter((seat) => seat.desk !== "dispatcher")
        .map(({ id, code, name }) => ({ value: String(id), text: name ? `${code} ${name}` : code })),
      districts: districts.map(({ id, name }) => ({ value: String(id), text: name })),
      units: codedOf(units),
      facilities: codedOf(facilities),
    }),
    [seats, districts, units, facilities],
  );
}
