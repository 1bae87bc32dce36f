const VERSION = "aa9275809cd6695c";
const FILES = ["/assets/Button-DXvaBnWX.js","/assets/Button-nxrAEU7u.css","/assets/Checkbox-BwUUwQXY.css","/assets/Checkbox-C4-nIiic.js","/assets/Dialog-DsDWcoZD.js","/assets/Dialog-Dt-w_4df.css","/assets/Empty-B9U26UAP.js","/assets/Empty-BbI6bf7H.css","/assets/Field-DQqwJf4l.js","/assets/Field-DUErhyZE.css","/assets/MapView-C8t64UTH.js","/assets/MapView-D51_yvLF.css","/assets/Menu-CQIV8thZ.css","/assets/Menu-DDL5yT-X.js","/assets/Panel-DApLs_Ov.css","/assets/Panel-DgefX5Go.js","/assets/Stale-BkSoFaNe.css","/assets/Stale-k_b67SXb.js","/assets/StateMark-C1OvRMTb.css","/assets/StateMark-QLQqS6wv.js","/assets/VirtualList-BUJ_fCCe.css","/assets/VirtualList-DvrIoArb.js","/assets/apply-BK3MLfVm.js","/assets/array-utils-flat-BL8Cekj1.js","/assets/buffer-transform-DOoExjYB.js","/assets/crew-B0OFMBzE.css","/assets/crew-B88skEAk.js","/assets/crew-Bdk2YFka.js","/assets/crew-BwA_npQW.js","/assets/database-CLBn3Pf0.js","/assets/database-DV1-FSRv.js","/assets/drafts-RSHygMm_.js","/assets/fetch-Eta7HIwh.js","/assets/get-attribute-from-layouts-Dd2gixpo.js","/assets/glyphs-BknyDoYL.js","/assets/gpu-data-evaluator-DlNjxs5v.js","/assets/hand-qQBgUsGH.js","/assets/index-ByuiFdWd.js","/assets/index-DIY_LKBY.css","/assets/inter-latin-wght-normal-Dx4kXJAl.woff2","/assets/map-BHVwpedh.css","/assets/map-CG1wdDi_.css","/assets/map-CI8hNQSt.js","/assets/map-CVWKV_x_.js","/assets/map-CevxmuSt.js","/assets/map-Db42_A5Y.js","/assets/maplibre-gl-worker-DTh23QKw.js","/assets/notices-CkqlBMIl.js","/assets/offline-DUMOSYeu.js","/assets/open-RSa3K1LC.js","/assets/positions-CTuWvT5P.js","/assets/problems-Dl-aHEFO.js","/assets/problems-EFoLHLi_.js","/assets/protocols-DhJL22qI.js","/assets/rolldown-runtime-XKyaHtl9.js","/assets/router-BsM1LkCL.js","/assets/scene-BhhWdcKy.js","/assets/schema-CrAi4wH8.js","/assets/schema-qZVHyBVG.js","/assets/screens-BMTR61wY.js","/assets/shell-C1vZAeRk.js","/assets/shell-DX9CFkhJ.js","/assets/sound-BgAjhiei.js","/assets/theme-9pCOa5P2.js","/assets/ui-BBObxoMO.js","/assets/ui-BukYJZ6H.js","/assets/ui-BwQi-wDF.css","/assets/ui-CVfBNKhx.js","/assets/useAct-TwNg8UzL.js","/assets/useFormValidation-Bc29ObiC.js","/assets/useFormValidation-DsAbaZ5S.css","/assets/webgl-CGlqiHX6.js","/assets/webgl-device-DpPqUzsQ.js","/assets/webgl-device-gjpjQDMI.js","/assets/webgpu-B5ETFFt1.js","/assets/webgpu-BDTASSfl.js","/assets/wording-BfYeimIG.js","/assets/zone-0w18Wfy0.js","/index.html","/manifest.webmanifest","/icons/mingdi.svg","/icons/mingdi-192.png"];
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
