// The standing recommendations, read again whenever what they belong to has changed.
import type { DestinationRecommended, Incident, Mission, UnitsRecommended } from "@schema";
import { useEffect, useState } from "react";
import { get } from "@/api/client";
import { asProblem, type Problem } from "@/api/problem";

export interface Fetched<T> {
  value: T | null;
  problem: Problem | null;
}

/** What the path tells; read again with another version. Null: nothing to read. */
function useRead<T>(path: string | null, version: number): Fetched<T> {
  const [held, setHeld] = useState<{ path: string | null } & Fetched<T>>({ path: null, value: null, problem: null });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another version is another reading
  useEffect(() => {
    if (path === null) return undefined;
    const abort = new AbortController();
    get<T>(path, { signal: abort.signal }).then(
      (value) => setHeld({ path, value, problem: null }),
      (thrown) => {
        if (abort.signal.aborted) return;
        const problem = asProblem(thrown);
        setHeld({ path, value: null, problem: problem.name === "no_recommendation" ? null : problem });
      },
    );
    return () => abort.abort();
  }, [path, version]);
  return held.path === path ? held : { value: null, problem: null };
}

export function useUnitsRecommended(incident: Incident | undefined): Fetched<UnitsRecommended> {
  const standing = incident?.state === "recommended";
  return useRead(standing ? `/api/v1/incidents/${incident.id}/recommendation` : null, incident?.revision ?? 0);
}

export function useDestinationRecommended(mission: Mission | undefined): Fetched<DestinationRecommended> {
  const standing = mission !== undefined && mission.state !== "ended" && mission.recommended.length > 0;
  return useRead(standing ? `/api/v1/missions/${mission.id}/recommendation` : null, mission?.revision ?? 0);
}
