// The crew's acts: each is kept on the phone first, and then sent as soon as it can be.
import type { CommandDone, CommandName, Commands } from "@schema";
import { useSyncExternalStore } from "react";
import { newKey, post } from "@/api/client";
import { asProblem, Problem } from "@/api/problem";
import { sessionStore } from "@/api/session";
import { centreNow_ms, noteContact } from "@/lib/contact";
import { keptOnDevice } from "@/lib/database";
import { type Kept, KeptQueue, type KeptState, type Outcome } from "@/lib/kept";
import { liveStore } from "@/live/state";

// Whoever is not signed in any more signs in again, and is then who he was; so is who changed the password, or set up the factor.
const WAITS = ["not_signed_in", "csrf", "drill_not_said", "second_factor_needed", "password_change_needed"];
const TRY_AGAIN_MS = 5_000;

/** Two phones of one crew both show the order and the message: whichever tells it second has nothing to tell. */
function isMoot({ path, body }: Kept, why: string): boolean {
  return why === "transition" && (body.stage === "notify" || path.endsWith("/message_read"));
}

async function send(item: Kept): Promise<Outcome> {
  try {
    // One try: the queue itself tries again, and nothing may overtake.
    const done = await post<CommandDone>(item.path, item.body, { key: item.key, tryFor_ms: 0 });
    return { done: done.sequence ?? 0 };
  } catch (thrown) {
    const { details, isPassing, name } = asProblem(thrown);
    if (isMoot(item, name)) return { done: 0 };
    return isPassing || WAITS.includes(name) ? { later: details } : { refusal: details };
  }
}

const queue = new KeptQueue(keptOnDevice, send);

function person(): number {
  return sessionStore.getState().session?.person.id ?? 0;
}

let asked = false;

function flush(): Promise<void> {
  asked = false;
  return queue.flush(person());
}

function sendNow(): void {
  if (asked || sessionStore.getState().state !== "in") return;
  asked = true;
  // Two pages of one phone: one of them sends.
  const sent = navigator.locks ? navigator.locks.request("mingdi.crew.acts", flush) : flush();
  sent.catch(() => {});
}

function waiting(): boolean {
  return queue.get().items.some((item) => !item.refusal && item.person === person());
}

/** Sends what waits whenever it could succeed, as long as the screen stands. */
export function startActs(): () => void {
  void queue.load().then(sendNow);
  const ends = [
    liveStore.subscribe((live, before) => {
      if (live.connection !== "live") return;
      noteContact();
      // What the centre has lost will never be shown.
      queue.shown(live.lost !== before.lost ? Number.MAX_SAFE_INTEGER : live.sequence);
      if (before.connection !== "live" && waiting()) sendNow();
    }),
    sessionStore.subscribe((now, before) => {
      if (now.state === "in" && before.state !== "in") sendNow();
    }),
  ];
  const timer = setInterval(() => waiting() && navigator.onLine && sendNow(), TRY_AGAIN_MS);
  window.addEventListener("online", sendNow);
  return () => {
    clearInterval(timer);
    window.removeEventListener("online", sendNow);
    for (const end of ends) end();
  };
}

function keep(path: string, fields: Record<string, unknown>, at_ms: number): void {
  const body = { ...fields, occurred_at: new Date(at_ms).toISOString() };
  void queue.add({ key: newKey(), person: person(), path, body, at_ms }).then(sendNow);
}

/** An act of this moment, or of one that is said. It counts from now on, whatever the network does. */
export function act<K extends CommandName>(name: K, fields: Commands[K], at_ms = centreNow_ms()): void {
  keep(`/api/v1/commands/${name}`, { ...fields }, at_ms);
}

export function writeMessage(unit: number, incident: number | null, text: string): void {
  keep("/api/v1/messages", { unit, text, ...(incident === null ? {} : { incident }) }, centreNow_ms());
}

export function useKept(): KeptState {
  return useSyncExternalStore(queue.subscribe, queue.get);
}

export function retryAct(key: string): void {
  void queue.retry(key).then(sendNow);
}

export function putAway(key: string): void {
  void queue.putAway(key);
}

/** A refusal as the problem that it was. */
export function problemOfAct(item: Kept): Problem | null {
  return item.refusal ? new Problem(item.refusal) : null;
}
