/** Lets the crew's page start without network from now on. Only that page: the others show nothing of use without it. */
export function startOffline(): void {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  // Refused e.g. over plain HTTP: the page then works as long as the network does.
  navigator.serviceWorker.register("/sw.js", { scope: "/console/crew" }).catch(() => {});
}
