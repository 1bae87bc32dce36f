// What things are called: units, facilities and districts, fetched once. Also those that are no more, which old calls tell of.
import type { District, Facility, Unit } from "@schema";
import { useMemo } from "react";
import { get } from "@/api/client";
import { useAnswer } from "@/screens/review/useAnswer";

interface Page<T> {
  items: T[];
  next: number | null;
}

async function all<T>(path: string, signal: AbortSignal): Promise<T[]> {
  const items: T[] = [];
  for (let after: number | null = 0; after !== null; ) {
    const page: Page<T> = await get(`${path}${path.includes("?") ? "&" : "?"}limit=500&after=${after}`, { signal });
    items.push(...page.items);
    after = page.next;
  }
  return items;
}

/** Who may see none of them has numbers instead. */
async function allOrNone<T>(path: string, signal: AbortSignal): Promise<T[]> {
  try {
    return await all<T>(path, signal);
  } catch (thrown) {
    if (signal.aborted) throw thrown;
    return [];
  }
}

export interface Names {
  districts: readonly { id: number; name: string }[];
  district: (id: number | null) => string;
  unit: (id: number | null) => string;
  facility: (id: number | null) => string;
}

export function useNames(unknown: string): Names {
  const { value } = useAnswer("names", async (signal) => {
    const districts = await allOrNone<District>("/api/v1/districts", signal);
    const units = await allOrNone<Unit>("/api/v1/units?retired=true", signal);
    const facilities = await allOrNone<Facility>("/api/v1/facilities", signal);
    return { districts, units, facilities };
  });
  return useMemo(() => {
    const named = (items: readonly { id: number; name: string; code: string }[] | undefined, code: boolean) => {
      const names = new Map(items?.map((item) => [item.id, (code && item.code) || item.name || item.code]));
      return (id: number | null) => (id ? (names.get(id) ?? `#${id}`) : unknown);
    };
    return {
      districts: value?.districts ?? [],
      district: named(value?.districts, false),
      unit: named(value?.units, true),
      facility: named(value?.facilities, false),
    };
  }, [value, unknown]);
}
