// The stream tells what is open. Something else, e.g. a call whose incident runs already, is fetched when it is looked at;
// what changes of it from then on comes with the stream.
import { useEffect, useRef, useState } from "react";
import { get } from "@/api/client";
import { asProblem, type Problem } from "@/api/problem";
import { putEntity } from "@/live/apply";
import { useEntity } from "@/live/hooks";
import { type Entity, entityOf, type Kind } from "@/live/state";

/**
 * One entity, from the store or else from the server; with the problem if it cannot be had. A snapshot after a cut has only what is
 * open: what was shown before stays until the server has told of it anew, so that nobody loses what lies open in front of them.
 */
export function useFetchedEntity<K extends Kind>(
  kind: K,
  id: number | null | undefined,
): { entity: Entity<K> | undefined; problem: Problem | null } {
  const entity = useEntity(kind, id);
  const [problem, setProblem] = useState<Problem | null>(null);
  const missing = id != null && entity === undefined;
  const shown = useRef<Entity<K> | undefined>(undefined);
  if (entity) shown.current = entity;
  else if (shown.current?.id !== id) shown.current = undefined;
  useEffect(() => {
    setProblem(null);
    if (!missing) return undefined;
    const abort = new AbortController();
    get<Entity<K>>(`/api/v1/${kind}/${id}`, { signal: abort.signal }).then(
      (told) => entityOf(kind, told.id) ?? putEntity(kind, told),
      (thrown) => abort.signal.aborted || setProblem(asProblem(thrown)),
    );
    return () => abort.abort();
  }, [kind, id, missing]);
  return { entity: entity ?? (problem ? undefined : shown.current), problem };
}
