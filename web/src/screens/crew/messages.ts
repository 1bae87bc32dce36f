import type { Message } from "@schema";
import { useCallback, useEffect, useMemo, useState } from "react";
import { get } from "@/api/client";
import type { Kept } from "@/lib/kept";
import { useSelected } from "@/live/hooks";

/** Newest first. */
export function useMessages(unit: number): readonly Message[] {
  const pick = useCallback(
    (all: Iterable<Message>) => [...all].filter((one) => one.unit === unit).sort((one, other) => other.id - one.id),
    [unit],
  );
  return useSelected("messages", pick);
}

/** Ids that were marked as read here, though the centre may not know it yet. */
export function readHere(acts: readonly Kept[]): Set<number> {
  return new Set(acts.filter((act) => act.path.endsWith("/message_read")).map((act) => Number(act.body.message)));
}

/** To the crew, and not read: the oldest first, as it came. */
export function useUnread(unit: number, acts: readonly Kept[]): readonly Message[] {
  const messages = useMessages(unit);
  return useMemo(() => {
    const here = readHere(acts);
    return messages.filter((one) => one.to_crew && one.read_at === null && !here.has(one.id)).toReversed();
  }, [messages, acts]);
}

/** The text stands apart from the message; null: not read yet, "" cannot be read now. */
export function useMessageText(id: number, live: boolean): string | null {
  const [text, setText] = useState<string | null>(null);
  useEffect(() => {
    if (text || !live) return undefined;
    const abort = new AbortController();
    get<{ text: string }>(`/api/v1/messages/${id}/text`, { signal: abort.signal }).then(
      (told) => setText(told.text),
      () => abort.signal.aborted || setText(""),
    );
    return () => abort.abort();
  }, [id, text, live]);
  return text;
}
