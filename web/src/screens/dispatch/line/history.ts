// Lines that were carried out, for the arrow keys: of this person, as long as the browser's tab lives.
import { useCallback, useRef } from "react";
import { useDraft } from "@/shell/drafts";

const KEPT = 100;

export interface LineHistory {
  add: (line: string) => void;
  /** The line before (-1) or after (1) the one that is shown; what was being typed stands at the end. */
  step: (by: -1 | 1, typed: string) => string | null;
}

export function useLineHistory(): LineHistory {
  const [lines, setLines] = useDraft<readonly string[]>("dispatch.history", []);
  const at = useRef<number | null>(null);
  const typing = useRef("");
  const add = useCallback(
    (line: string) => {
      at.current = null;
      setLines([...lines.filter((other) => other !== line), line].slice(-KEPT));
    },
    [lines, setLines],
  );
  const step = useCallback(
    (by: -1 | 1, typed: string) => {
      if (at.current === null) typing.current = typed;
      const to = (at.current ?? lines.length) + by;
      if (to < 0 || to > lines.length) return null;
      at.current = to === lines.length ? null : to;
      return lines[to] ?? typing.current;
    },
    [lines],
  );
  return { add, step };
}
