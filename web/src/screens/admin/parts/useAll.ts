import { useCallback, useEffect, useState } from "react";
import { get } from "@/api/client";
import { asProblem, type Problem } from "@/api/problem";

const PAGE = 500;

interface Page<T> {
  items: T[];
  next: number | null;
}

export interface All<T> {
  items: readonly T[];
  problem: Problem | null;
  /** Nothing has come yet. */
  loading: boolean;
  /** Asks again; what came is in `items` and in the promise. Throws a Problem. */
  reload: () => Promise<readonly T[]>;
}

async function readAll<T>(path: string, unpaged: boolean): Promise<T[]> {
  const items: T[] = [];
  if (unpaged) return (await get<Page<T>>(path)).items;
  const joint = path.includes("?") ? "&" : "?";
  for (let after: number | null = 0; after !== null; ) {
    const page: Page<T> = await get<Page<T>>(`${path}${joint}limit=${PAGE}&after=${after}`);
    items.push(...page.items);
    after = page.next;
  }
  return items;
}

/** A whole list of the API, page by page; `unpaged`: it comes at once, and knows of no pages. */
export function useAll<T>(path: string, unpaged = false): All<T> {
  const [state, setState] = useState<{ items: readonly T[]; problem: Problem | null; loading: boolean }>({
    items: [],
    problem: null,
    loading: true,
  });
  const reload = useCallback(async () => {
    try {
      const items = await readAll<T>(path, unpaged);
      setState({ items, problem: null, loading: false });
      return items;
    } catch (thrown) {
      setState((before) => ({ ...before, problem: asProblem(thrown), loading: false }));
      throw thrown;
    }
  }, [path, unpaged]);
  useEffect(() => {
    // What went wrong is in the state.
    reload().catch(() => {});
  }, [reload]);
  return { ...state, reload };
}
