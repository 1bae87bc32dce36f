// The service worker of the crew's phone, and what the phone has kept. A new version is offered, never forced: a page that runs
// goes on with what it has until the person takes the new one, or every page has been closed.
import { createStore } from "zustand/vanilla";

/** A newer version that is on the phone already and waits to be taken. */
export const updateStore = createStore<{ waiting: ServiceWorker | null }>(() => ({ waiting: null }));

const LOOK_EVERY_MS = 30 * 60_000;

function offer(worker: ServiceWorker | null): void {
  // The first one has nothing to take over from.
  if (worker?.state !== "installed" || !navigator.serviceWorker.controller) return;
  updateStore.setState({ waiting: worker });
  // A page that came from the network is of that version already: then nobody has to be asked.
  const code = document.querySelector<HTMLScriptElement>("script[type=module][src]");
  if (code) worker.postMessage({ is: new URL(code.src).pathname });
}

function watch(registration: ServiceWorkerRegistration): void {
  offer(registration.waiting);
  registration.addEventListener("updatefound", () => {
    const worker = registration.installing;
    worker?.addEventListener("statechange", () => {
      offer(worker);
      if (worker.state === "activating") updateStore.setState({ waiting: null });
    });
  });
  setInterval(() => void registration.update().catch(() => {}), LOOK_EVERY_MS);
}

/** Lets the crew's page start without network from now on. Only that page: the others show nothing of use without it. */
export function startOffline(): void {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  // Refused e.g. over plain HTTP: the page then works as long as the network does.
  navigator.serviceWorker.register("/sw.js", { scope: "/console/crew" }).then(watch, () => {});
}

/** The person wants the new version now. */
export function takeUpdate(): void {
  navigator.serviceWorker.addEventListener("controllerchange", () => window.location.reload(), { once: true });
  updateStore.getState().waiting?.postMessage({ take: true });
}

/** Nobody is signed in any more: the last order is forgotten. What was not sent yet stays, for the one whose it is. */
export async function forgetOrder(): Promise<void> {
  const { clearKnown } = await import("@/lib/database");
  // A device without storage has nothing to forget.
  await clearKnown().catch(() => {});
}
