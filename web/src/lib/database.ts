// The little that a phone keeps for itself, in IndexedDB: acts that wait to be sent, and the last known order.
import type { Kept, KeptStorage } from "@/lib/kept";

const NAME = "mingdi.crew";
const ACTS = "acts";
const KNOWN = "known";

function wait<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

let opened: Promise<IDBDatabase> | null = null;

function open(): Promise<IDBDatabase> {
  opened ??= (async () => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(ACTS, { keyPath: "key" });
      request.result.createObjectStore(KNOWN);
    };
    const database = await wait(request);
    // Another page wants a newer form of it.
    database.onversionchange = () => {
      database.close();
      opened = null;
    };
    return database;
  })().catch((thrown: unknown) => {
    opened = null;
    throw thrown;
  });
  return opened;
}

async function read<T>(store: string, ask: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await open();
  return wait(ask(database.transaction(store).objectStore(store)));
}

/** Resolves when it is written; an act is then on the disk, for a phone may go dark the moment after a press. */
async function change(store: string, act: (store: IDBObjectStore) => void): Promise<void> {
  const database = await open();
  const durability = store === ACTS ? "strict" : "relaxed";
  const transaction = database.transaction(store, "readwrite", { durability });
  const done = new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
  act(transaction.objectStore(store));
  return done;
}

export const keptOnDevice: KeptStorage = {
  all: () => read<Kept[]>(ACTS, (store) => store.getAll()),
  put: (item) => change(ACTS, (store) => store.put(item)),
  remove: (key) => change(ACTS, (store) => store.delete(key)),
};

/** One value under a name; undefined if there is none. */
export function readKnown<T>(name: string): Promise<T | undefined> {
  return read<T | undefined>(KNOWN, (store) => store.get(name));
}

export function writeKnown(name: string, value: unknown): Promise<void> {
  return change(KNOWN, (store) => store.put(value, name));
}

export function clearKnown(): Promise<void> {
  return change(KNOWN, (store) => store.clear());
}
