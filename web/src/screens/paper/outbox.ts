// Forms that were entered while the centre could not be reached: each is kept with its Idempotency-Key and sent when the centre is
// there again. Callers are on them, so they stay where drafts do: in this tab, of this person, gone with the sign-out.
import type { CommandDone } from "@schema";
import { useSyncExternalStore } from "react";
import { post } from "@/api/client";
import { asProblem, type ProblemDetails } from "@/api/problem";
import { sessionStore } from "@/api/session";
import { type Kept, KeptQueue, type KeptState, type KeptStorage, type Outcome } from "@/lib/kept";
import { liveStore } from "@/live/state";
import type { PaperBody } from "@/screens/paper/check";
import type { FormFields } from "@/screens/paper/fields";
import { clearDraft, readDraft, writeDraft } from "@/shell/drafts";
import { countFormsInPage } from "@/shell/keptForms";

const PATH = "/api/v1/paper";
const DRAFT = "paper.outbox";
const TRY_AGAIN_MS = 5_000;
/** Whoever is not signed in any more signs in again, and is then who he was. */
const WAITS = ["not_signed_in", "csrf", "drill_not_said", "second_factor_needed", "password_change_needed"];

/** What is sent, and what it was typed as, for whoever has to mend it. */
export interface KeptForm {
  sent: PaperBody;
  fields: FormFields;
}

export function formOf(item: Kept): KeptForm {
  return item.body as unknown as KeptForm;
}

const inThisTab: KeptStorage = {
  all: async () => readDraft<Kept[]>(DRAFT, []),
  put: async (item) => {
    const others = readDraft<Kept[]>(DRAFT, []).filter((one) => one.key !== item.key);
    if (!writeDraft(DRAFT, [...others, item])) throw new Error("nothing can be kept");
  },
  remove: async (key) => {
    const left = readDraft<Kept[]>(DRAFT, []).filter((one) => one.key !== key);
    if (left.length > 0) writeDraft(DRAFT, left);
    else clearDraft(DRAFT);
  },
};

/** One try. */
export async function sendForm(body: PaperBody, key: string, tryFor_ms = 0): Promise<Outcome & { made?: number }> {
  try {
    const done = await post<CommandDone>(PATH, body, { key, tryFor_ms });
    return { done: done.sequence ?? 0, made: done.made ?? 0 };
  } catch (thrown) {
    const { details, isPassing, name } = asProblem(thrown);
    return isPassing || WAITS.includes(name) ? { later: details } : { refusal: details };
  }
}

const queue = new KeptQueue(inThisTab, (item) => sendForm(formOf(item).sent, item.key));

function person(): number {
  return sessionStore.getState().session?.person.id ?? 0;
}

function isWaiting(item: Kept): boolean {
  return !item.refusal && item.person === person();
}

countFormsInPage(() => queue.get().items.filter((item) => item.person === person()).length);

export function waitingForms(): number {
  return queue.get().items.filter(isWaiting).length;
}

export async function sendForms(): Promise<void> {
  if (sessionStore.getState().state === "in") await queue.flush(person()).catch(() => {});
}

/** The centre has lost its newest entries: the incident that a form was linked to may be gone, and its number another's. */
async function askForLinksAgain(): Promise<void> {
  const linked = queue.get().items.filter((item) => formOf(item).sent.linked_to !== undefined);
  // All at once: what is sent meanwhile takes none of them.
  await Promise.all(linked.map(({ key }) => queue.setBack(key, { name: "unknown_incident", status: 422, detail: "" })));
}

/** Leaving the page would lose what the tab alone knows to be waiting. */
function warn(event: BeforeUnloadEvent): void {
  if (waitingForms() > 0) event.preventDefault();
}

let started = false;

/** Sends what waits whenever it could succeed, whatever screen is open, until the page is left. */
export function startOutbox(): void {
  if (started) return;
  started = true;
  void queue.load().then(sendForms);
  liveStore.subscribe((live, before) => {
    if (live.lost > before.lost) void askForLinksAgain().then(sendForms);
    else if (live.connection === "live" && before.connection !== "live") void sendForms();
  });
  sessionStore.subscribe((now, before) => {
    if (now.state === "in" && before.state !== "in") void sendForms();
  });
  setInterval(() => {
    if (waitingForms() > 0 && liveStore.getState().connection === "live") void sendForms();
  }, TRY_AGAIN_MS);
  window.addEventListener("beforeunload", warn);
}

export function keepForm(sent: PaperBody, fields: FormFields, key: string): Promise<void> {
  return queue.add({ key, person: person(), path: PATH, body: { sent, fields }, at_ms: Date.now() });
}

export function useOutbox(): KeptState {
  return useSyncExternalStore(queue.subscribe, queue.get);
}

export function refusalOf(item: Kept): ProblemDetails | undefined {
  return item.refusal;
}

export function takeBack(key: string): Promise<void> {
  return queue.putAway(key);
}
