// The service worker of the crew's phone: its page starts without network. FILES and VERSION are put before this text by
// build/offline.ts. Nothing of the API is ever kept, so that no figure is shown without its age.
/* global FILES, VERSION */
const NAME = `mingdi-${VERSION}`;
const PAGE = "/index.html";
// A server or proxy may say "Vary": the files are the same for everybody all the same.
const WHOEVER = { ignoreVary: true };

// So long the network may take for the page: with one bar of signal a crew cannot wait for it.
const PAGE_MS = 3000;

async function keep() {
  const cache = await caches.open(NAME);
  // From the server, not from what the browser happens to hold.
  await cache.addAll(FILES.map((file) => new Request(file, { cache: "reload" })));
}

async function takeOver() {
  const names = await caches.keys();
  await Promise.all(
    names.filter((name) => name.startsWith("mingdi-") && name !== NAME).map((name) => caches.delete(name)),
  );
  await self.clients.claim();
}

// The page: the newest where there is network, else the one that is kept.
async function page(request) {
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(PAGE_MS) });
    if (answer.ok) return answer;
  } catch {
    // Without network, or with next to none.
  }
  return (await caches.match(PAGE, WHOEVER)) ?? Response.error();
}

async function file(request) {
  return (await caches.match(request, WHOEVER)) ?? fetch(request);
}

self.addEventListener("install", (event) => event.waitUntil(keep()));
self.addEventListener("activate", (event) => event.waitUntil(takeOver()));
// A page that runs is never changed under its person: the next version waits until it is asked for, or until the page is of
// that version anyhow.
self.addEventListener("message", (event) => {
  const { take, is } = event.data ?? {};
  if (take === true || FILES.includes(is)) event.waitUntil(self.skipWaiting());
});
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const path = new URL(request.url).pathname;
  if (request.method !== "GET") return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (FILES.includes(path)) event.respondWith(file(request));
});
