import { useCallback, useMemo } from "react";
import type { Target } from "@/map";
import { setQuery, useRoute } from "@/shell/router";

const KINDS: readonly Target["kind"][] = ["incident", "unit", "facility", "post"];

/** What is selected stands in the address: a link to it can be sent, and "back" finds it again. */
export function useSelection(): [Target | null, (target: Target | null) => void] {
  const { query } = useRoute();
  const kind = KINDS.find((one) => Number(query[one]) > 0);
  const id = kind ? Number(query[kind]) : 0;
  const selected = useMemo(() => (kind ? { kind, id } : null), [kind, id]);
  const select = useCallback((target: Target | null) => {
    setQuery(Object.fromEntries(KINDS.map((one) => [one, target?.kind === one ? target.id : null])));
  }, []);
  return [selected, select];
}
