import { useEffect, useState } from "react";
import { get } from "@/api/client";
import { serverNow_ms } from "@/live/clock";

export interface Polled<T> {
  data: T | null;
  /** When it came, by the centre's clock. */
  at_ms: number | null;
  /** The newest try failed; data is what was known before. */
  failed: boolean;
}

/** Reads a path again and again; null reads nothing. What was read stays while it cannot be read. */
export function usePolled<T>(path: (() => string) | null, key: string, every_ms: number): Polled<T> {
  const [polled, setPolled] = useState<Polled<T>>({ data: null, at_ms: null, failed: false });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the path
  useEffect(() => {
    setPolled({ data: null, at_ms: null, failed: false });
    if (!path) return undefined;
    const abort = new AbortController();
    const read = () =>
      get<T>(path(), { signal: abort.signal, tryFor_ms: 0 }).then(
        (data) => setPolled({ data, at_ms: serverNow_ms(), failed: false }),
        () => abort.signal.aborted || setPolled((before) => ({ ...before, failed: true })),
      );
    void read();
    const timer = setInterval(() => void read(), every_ms);
    return () => {
      abort.abort();
      clearInterval(timer);
    };
  }, [key, every_ms]);
  return polled;
}
