import { type RefObject, useEffect, useRef } from "react";

/** Focus comes here when what had it has gone with the tab before: nobody has to look for it. */
export function useFocusHere<E extends HTMLElement>(): RefObject<E | null> {
  const here = useRef<E>(null);
  useEffect(() => {
    if (document.activeElement === null || document.activeElement === document.body) here.current?.focus();
  }, []);
  return here;
}
