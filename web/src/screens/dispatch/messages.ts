// Messages between the centre and its crews, and their texts, which are asked for one by one.
import type { Message, MessageText } from "@schema";
import { useEffect, useState } from "react";
import { get } from "@/api/client";
import { putEntity } from "@/live/apply";
import { liveStore } from "@/live/state";

const KEPT = 1000;
const texts = new Map<number, string>();

// A message that the centre has lost leaves its number to another one.
liveStore.subscribe((now, before) => {
  if (now.lost !== before.lost) texts.clear();
});

/** Unread ones from crews first, then the newest. */
export function byNews(one: Message, other: Message): number {
  return Number(isNews(other)) - Number(isNews(one)) || other.id - one.id;
}

/** From a crew, and nobody here has read it. */
export function isNews(message: Message): boolean {
  return !message.to_crew && message.read_at === null;
}

/** The message's text; null while it is not known, or when it has been erased. */
export function useMessageText(id: number): { text: string | null; failed: boolean } {
  const [, setRead] = useState(0);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    if (texts.has(id)) return undefined;
    const abort = new AbortController();
    get<MessageText>(`/api/v1/messages/${id}/text`, { signal: abort.signal }).then(
      (told) => {
        if (texts.size >= KEPT) texts.clear();
        texts.set(id, told.text);
        setRead(id);
      },
      () => abort.signal.aborted || setFailed(true),
    );
    return () => abort.abort();
  }, [id]);
  return { text: texts.get(id) ?? null, failed };
}

/** An incident of thousands of messages is none: there is a bound all the same. */
const PAGES_MAX = 10;

/** The stream tells of unread messages; those of the incident that were read before are asked for. */
export function useMessagesOf(incident: number | null): void {
  useEffect(() => {
    if (incident === null) return undefined;
    const abort = new AbortController();
    const read = async () => {
      let after: number | null = 0;
      for (let page = 0; after !== null && page < PAGES_MAX; page += 1) {
        const path: string = `/api/v1/messages?incident=${incident}&limit=500&after=${after}`;
        const told: { items: Message[]; next: number | null } = await get(path, { signal: abort.signal });
        for (const message of told.items) putEntity("messages", message);
        after = told.next;
      }
    };
    read().catch(() => {}); // the stream's are shown all the same
    return () => abort.abort();
  }, [incident]);
}
