// What the centre is asked while forms are entered.
import type { Call } from "@schema";
import { get } from "@/api/client";

const PAGE = 500;

/** The call that a form became; null: it is not in. */
export async function callOfForm(form: number, signal?: AbortSignal): Promise<Call | null> {
  const options = signal ? { signal, tryFor_ms: 0 } : { tryFor_ms: 0 };
  const { items } = await get<{ items: Call[] }>(`/api/v1/calls?form=${form}`, options);
  return items[0] ?? null;
}

/** All calls that were entered from paper and are known still. */
export async function enteredCalls(signal: AbortSignal): Promise<Call[]> {
  const items: Call[] = [];
  for (let after: number | null = 0; after !== null; ) {
    const path = `/api/v1/calls?afterwards=true&limit=${PAGE}&after=${after}`;
    const page: { items: Call[]; next: number | null } = await get(path, { signal });
    items.push(...page.items);
    after = page.next;
  }
  return items;
}
