// How long the Answer screen takes from the beginning of the navigation until a ringing call can be answered (it stands in the
// list, the person has a seat, the button is enabled): with an empty cache, and again with a full one. Beside it, in the same
// run, an empty page of the same server. A real server on the loopback, a real browser; the map comes after the call.
//
// usage: node bench/load.mjs MINGDI CONSOLE [TIMES]    (the program, the built console's folder)
import { resolve } from "node:path";

const say = (text) => process.stdout.write(`${text}\n`);
const [mingdi, consoleFolder, count = "15"] = process.argv.slice(2);
if (!consoleFolder) {
  say("usage: node bench/load.mjs MINGDI CONSOLE [TIMES]");
  process.exit(2);
}
process.env.MINGDI = resolve(mingdi);
process.env.MINGDI_CONSOLE_OUT = resolve(consoleFolder);
const { startBrowser, startCentre } = await import("../tests/browser/harness.mjs");
const TIMES = Number(count);

/** In the page, before anything of it runs: a promise of when the call can be answered. */
function watch() {
  let done;
  window.answerable = new Promise((resolve) => {
    done = resolve;
  });
  const look = () => {
    const rings = document.querySelector("[role=option]") !== null;
    const enabled = [...document.querySelectorAll("main button:not([disabled])")].some((one) =>
      one.textContent.startsWith("Answer next"),
    );
    if (!rings || !enabled) return;
    const scripts = performance.getEntriesByType("resource").filter(({ name }) => name.endsWith(".js"));
    done({ ms: performance.now(), kB: scripts.reduce((sum, one) => sum + one.encodedBodySize, 0) / 1000 });
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true, attributes: true });
}

async function load(page, url) {
  await page.goto(`${url}/console/answer`);
  return page.evaluate(() => window.answerable);
}

async function empty(page, url) {
  await page.goto(`${url}/healthz`, { waitUntil: "load" });
  return page.evaluate(() => performance.getEntriesByType("navigation")[0].loadEventEnd);
}

const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];

function tell(name, times) {
  const sorted = times.toSorted((one, other) => one - other);
  const row = [at(sorted, 0.5), at(sorted, 0.95), sorted.at(-1)].map((value) => value.toFixed(0).padStart(8));
  say(`${name.padEnd(42)}${row.join("")}`);
  return at(sorted, 0.5);
}

const centre = await startCentre({ requests_per_minute: 60000 });
const browser = await startBrowser();
try {
  const taker = await centre.person("wang");
  await taker.put("/control/seat/1");
  await taker.post("/calls", { number: "000-1", remarks: "" });
  const [name, value] = taker.headers.Cookie.split("=");
  const [fresh, again, blank, sizes] = [[], [], [], []];
  for (let i = 0; i < TIMES; i += 1) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, locale: "en" });
    await context.addCookies([{ name, value, url: centre.url }]);
    await context.addInitScript(watch);
    const page = await context.newPage();
    const first = await load(page, centre.url);
    fresh.push(first.ms);
    sizes.push(first.kB);
    again.push((await load(page, centre.url)).ms);
    blank.push(await empty(page, centre.url));
    await context.close();
  }
  say(`${"milliseconds from the navigation on".padEnd(42)}     p50     p95     max`);
  const cold = tell("a call can be answered, empty cache", fresh);
  tell("a call can be answered, cache full", again);
  const bare = tell("an empty page of the same server", blank);
  const scripts = `${Math.max(...sizes).toFixed(0)} kB of JavaScript (compressed) by then`;
  say(`ratio of p50, empty cache to empty page: ${(cold / bare).toFixed(1)}; ${scripts}; ${TIMES} loads of each`);
} finally {
  await browser.close();
  await centre.remove();
}
