// What a person did while there may be no network: kept in order, each with its own key and its true time, until the centre has
// taken or refused it. A refusal is kept too, until the person has seen it and put it away.
import type { ProblemDetails } from "@/api/problem";

/** One act, as it will be sent: the same bytes at every try, since the centre compares them with the key. */
export interface Kept {
  key: string;
  /** Acts are sent in this order. */
  order: number;
  /** Whose act it is: nobody else sends it. */
  person: number;
  path: string;
  body: Readonly<Record<string, unknown>>;
  /** When it was done, by the centre's clock, in milliseconds since 1970. */
  at_ms: number;
  /** Not taken, and why. */
  refusal?: ProblemDetails;
}

export interface KeptStorage {
  all: () => Promise<Kept[]>;
  put: (item: Kept) => Promise<void>;
  remove: (key: string) => Promise<void>;
}

/**
 * What became of one try: done, with the entry of the journal that holds it; refused for good; or to be tried again, as when
 * there is no network or nobody is signed in.
 */
export type Outcome = { done: number } | { refusal: ProblemDetails } | { later: ProblemDetails };

export interface KeptState {
  /** In order; with what was refused and not yet put away. */
  items: readonly Kept[];
  /** Taken by the centre, but perhaps not yet in the live state: up to which entry that must have come. */
  taken: readonly { item: Kept; sequence: number }[];
  /** Why the first one could not be sent the last time. */
  trouble: ProblemDetails | null;
  /** The device keeps nothing: what is not sent is lost with the page. */
  volatile: boolean;
}

/** So many acts that were taken are held for the time until the live state shows them. */
const TAKEN_MAX = 50;

export class KeptQueue {
  private state: KeptState = { items: [], taken: [], trouble: null, volatile: false };
  private readonly listeners = new Set<() => void>();
  private readonly storage: KeptStorage;
  private readonly send: (item: Kept) => Promise<Outcome>;
  private last = 0;
  private sending: Promise<void> | null = null;

  constructor(storage: KeptStorage, send: (item: Kept) => Promise<Outcome>) {
    this.storage = storage;
    this.send = send;
  }

  get = (): KeptState => this.state;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private set(change: Partial<KeptState>): void {
    this.state = { ...this.state, ...change };
    for (const listener of this.listeners) listener();
  }

  /** Takes up what an earlier page, or another one of the same device, has kept. */
  async load(): Promise<void> {
    const stored = await this.storage.all().catch(() => null);
    if (stored === null) return this.set({ volatile: true });
    const known = new Set(stored.map((item) => item.key));
    // What is still being written, and what could not be written, is in this page alone.
    const own = this.state.items.filter((item) => this.unwritten.has(item.key) && !known.has(item.key));
    const items = [...stored, ...own].sort((one, other) => one.order - other.order);
    this.last = Math.max(this.last, ...items.map((item) => item.order));
    this.set({ items });
  }

  private readonly unwritten = new Set<string>();

  private async write(item: Kept): Promise<void> {
    this.unwritten.add(item.key);
    try {
      await this.storage.put(item);
      this.unwritten.delete(item.key);
    } catch {
      this.set({ volatile: true });
    }
  }

  /** Resolves when it is kept. It is in the list at once, behind everything before it. */
  async add(act: Omit<Kept, "order" | "refusal">): Promise<void> {
    this.last = Math.max(this.last + 1, Date.now());
    const item: Kept = { ...act, order: this.last };
    this.set({ items: [...this.state.items, item] });
    await this.write(item);
  }

  /** Sends what this person has waiting, one after the other, and stops at the first that has to wait. */
  flush(person: number): Promise<void> {
    this.sending ??= this.sendAll(person).finally(() => {
      this.sending = null;
    });
    return this.sending;
  }

  private async sendAll(person: number): Promise<void> {
    await this.load();
    for (;;) {
      const item = this.state.items.find((one) => one.person === person && !one.refusal);
      if (!item) break;
      const outcome = await this.send(item);
      if ("later" in outcome) return this.set({ trouble: outcome.later });
      if ("done" in outcome) await this.finish(item, outcome.done);
      else await this.refuse({ ...item, refusal: outcome.refusal });
    }
    if (this.state.trouble) this.set({ trouble: null });
  }

  private async finish(item: Kept, sequence: number): Promise<void> {
    const taken = [...this.state.taken, { item, sequence }].slice(-TAKEN_MAX);
    this.set({ items: this.state.items.filter((one) => one.key !== item.key), taken, trouble: null });
    this.unwritten.delete(item.key);
    // If it stays in the storage, it is sent once more some day, and the centre knows its key.
    await this.storage.remove(item.key).catch(() => {});
  }

  private async refuse(item: Kept): Promise<void> {
    this.set({ items: this.state.items.map((one) => (one.key === item.key ? item : one)), trouble: null });
    await this.write(item);
  }

  /** What it says may have become wrong: it is not sent before the person has looked at it again. */
  async setBack(key: string, refusal: ProblemDetails): Promise<void> {
    const item = this.state.items.find((one) => one.key === key);
    if (item && !item.refusal) await this.refuse({ ...item, refusal });
  }

  /** The live state has come this far: what it shows need not be held any more. */
  shown(sequence: number): void {
    const taken = this.state.taken.filter((one) => one.sequence > sequence);
    if (taken.length < this.state.taken.length) this.set({ taken });
  }

  /** A refused act is tried once more, with the same key and time. */
  async retry(key: string): Promise<void> {
    const item = this.state.items.find((one) => one.key === key);
    if (!item) return;
    const { refusal: _refusal, ...again } = item;
    this.set({ items: this.state.items.map((one) => (one.key === key ? again : one)) });
    await this.write(again);
  }

  /** The person has seen that it was refused. What waits cannot be put away. */
  async putAway(key: string): Promise<void> {
    const item = this.state.items.find((one) => one.key === key);
    if (!item?.refusal) return;
    this.set({ items: this.state.items.filter((one) => one.key !== key) });
    this.unwritten.delete(key);
    await this.storage.remove(key).catch(() => {});
  }
}
