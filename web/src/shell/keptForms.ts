// Paper forms that only this tab holds (screens/paper): those that the centre has not taken, and those put aside. They are sent
// from whatever screen is open; what it takes is fetched when there is something to send.
import { readDraft } from "@/shell/drafts";

const WAITING = "paper.outbox";
const ASIDE = "paper.aside";

function countOf(key: string): number {
  return readDraft<unknown[]>(key, []).length;
}

let inPage = () => 0;

/** Where the browser keeps nothing they are in the page alone. */
export function countFormsInPage(count: () => number): void {
  inPage = count;
}

function countWaiting(): number {
  return Math.max(countOf(WAITING), inPage());
}

/** Of whoever is signed in; they are lost with the sign-out. */
export function countKeptForms(): number {
  return countWaiting() + countOf(ASIDE);
}

/** What an earlier page of this tab has kept goes on its way. */
export async function startKeptForms(): Promise<void> {
  if (countOf(WAITING) > 0) (await import("@/screens/paper/outbox")).startOutbox();
}

/** One more try; those that were refused or put aside stay. */
export async function sendKeptForms(): Promise<void> {
  if (countWaiting() > 0) await (await import("@/screens/paper/outbox")).sendForms();
}
