// What has been typed but not sent: survives a reload and a cut, belongs to the person, and goes with the browser's tab.
import { useCallback, useState } from "react";
import { sessionStore } from "@/api/session";

function place(key: string): string {
  return `mingdi.draft.${sessionStore.getState().session?.person.id ?? 0}.${key}`;
}

export function readDraft<T>(key: string, initial: T): T {
  try {
    const text = sessionStorage.getItem(place(key));
    return text === null ? initial : (JSON.parse(text) as T);
  } catch {
    return initial;
  }
}

/** False: the storage is full or forbidden; the draft then lives as long as the page. */
export function writeDraft(key: string, value: unknown): boolean {
  try {
    sessionStorage.setItem(place(key), JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

export function clearDraft(key: string): void {
  sessionStorage.removeItem(place(key));
}

/** Another person at the same seat must not find what the first one typed. What the key begins with may be spared. */
export function clearDrafts(spared?: string): void {
  for (const name of Object.keys(sessionStorage)) {
    const [, key] = /^mingdi\.draft\.\d+\.(.*)$/.exec(name) ?? [];
    if (key !== undefined && !(spared && key.startsWith(spared))) sessionStorage.removeItem(name);
  }
}

/** Like useState, but kept under the key; `key` should name the thing, e.g. `call.17.remarks`. */
export function useDraft<T>(key: string, initial: T): [T, (value: T) => void, () => void] {
  const [held, setHeld] = useState(() => ({ key, value: readDraft(key, initial) }));
  // Another thing is shown in the same field.
  const current = held.key === key ? held : { key, value: readDraft(key, initial) };
  if (current !== held) setHeld(current);
  const set = useCallback(
    (value: T) => {
      writeDraft(key, value);
      setHeld({ key, value });
    },
    [key],
  );
  const clear = useCallback(() => {
    clearDraft(key);
    setHeld({ key, value: initial });
  }, [key, initial]);
  return [current.value, set, clear];
}
