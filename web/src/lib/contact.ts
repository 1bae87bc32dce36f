// The centre's clock on a phone that has lost the centre: carried on from the last contact by the phone's own clock, which goes on
// while the phone sleeps (the monotonic clock of a page does not) and over a reload.
import { readKnown, writeKnown } from "@/lib/database";
import { clockSpeed, serverNow_ms, setClock } from "@/live/clock";

export interface Contact {
  /** The centre's time at the last contact. */
  centre_ms: number;
  /** The phone's wall clock then. */
  here_ms: number;
  speed: number;
}

/** Where the centre's clock stands now. `steady_ms`: at least so much has passed, whatever the wall clock says. */
export function centreTime_ms(contact: Contact, here_ms: number, steady_ms = 0): number {
  return contact.centre_ms + Math.max(here_ms - contact.here_ms, steady_ms, 0) * contact.speed;
}

const STORED = "contact";
const STORED_EVERY_MS = 5_000;
let contact: Contact | null = null;
let madeAt_ms = 0;
let storedAt_ms = Number.NEGATIVE_INFINITY;

/** The centre was heard just now. */
export function noteContact(): void {
  contact = { centre_ms: serverNow_ms(), here_ms: Date.now(), speed: clockSpeed() };
  madeAt_ms = performance.now();
  if (madeAt_ms - storedAt_ms < STORED_EVERY_MS) return;
  storedAt_ms = madeAt_ms;
  // Without storage the clock goes on as long as the page lives, and then by the phone's own.
  writeKnown(STORED, contact).catch(() => {});
}

/** Takes up the clock of an earlier page, and sets the page's clocks by it; also after the phone slept. */
export async function resumeClock(): Promise<void> {
  const stored = contact ?? (await readKnown<Contact>(STORED).catch(() => undefined));
  if (!stored) return;
  // The centre may have been heard while it was read.
  if (!contact) {
    contact = stored;
    madeAt_ms = performance.now();
  }
  setClock(new Date(centreNow_ms()).toISOString(), contact.speed);
}

/** When the centre was heard last, by its own clock; null: never on this device. */
export function lastContact_ms(): number | null {
  return contact?.centre_ms ?? null;
}

/** The centre's time in milliseconds since 1970, for an act that happens now. */
export function centreNow_ms(): number {
  return contact ? centreTime_ms(contact, Date.now(), performance.now() - madeAt_ms) : serverNow_ms();
}
