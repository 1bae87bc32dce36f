// How long the screens Map and Dispatch take from a key to the picture that answers it, with 1,000 units at one position a second and
// without any, in one run: p50, p95 and the longest of each, frames a second, how busy the page's thread is, and ratios. The second
// frame after the answer is told too: by then the map has followed. A real server, a real browser; without a graphics card the
// processor draws, and that is most of what is then measured.
//
// usage: node bench/map.mjs MINGDI CITY CONSOLE [UNITS [PRESSES]]    (the program, a city file, the built console's folder)
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { chromium } from "playwright-core";

const say = (text) => process.stdout.write(`${text}\n`);
const [mingdi, city, consoleFolder, count = "1000", presses = "40"] = process.argv.slice(2);
if (!consoleFolder) {
  say("usage: node bench/map.mjs MINGDI CITY CONSOLE [UNITS [PRESSES]]");
  process.exit(2);
}
const UNITS = Number(count);
const PRESSES = Number(presses);
const PASSWORD = "correct horse battery";
const folder = mkdtempSync(join(tmpdir(), "mingdi-bench-"));

function run(...words) {
  const done = spawnSync(resolve(mingdi), words, { encoding: "utf-8" });
  if (done.status !== 0) throw new Error(`mingdi ${words.join(" ")}: ${done.stderr}`);
  return done.stdout;
}

const info = JSON.parse(run("city", "info", city));
const [west, south, east, north] = info.bbox;
const middle = { lon: (west + east) / 2, lat: (south + north) / 2 };

function makeCentre() {
  const setup = join(folder, "setup");
  mkdirSync(setup);
  const write = (name, ...lines) => writeFileSync(join(setup, name), `${lines.join("\n")}\n`);
  const example = join(import.meta.dirname, "../../tests/cli/town/scenario");
  for (const name of ["demand.csv", "priorities.csv", "rate.csv", "scenario.csv", "service.csv"])
    writeFileSync(join(setup, name), readFileSync(join(example, name)));
  writeFileSync(join(setup, "city.mingdi"), readFileSync(city));
  write("stations.csv", "id,name,lon,lat", `middle,Middle,${middle.lon},${middle.lat}`);
  write("facilities.csv", "id,name,lon,lat,tier,capabilities", `h,Hospital,${middle.lon},${middle.lat},3,stroke`);
  const units = Array.from({ length: UNITS }, (_, i) => `u${i + 1},middle,ALS`);
  write("units.csv", "id,station,skill", ...units);
  write(
    "people.csv",
    "name,display,role,scope,scope_id,password",
    `li,Li,dispatcher,centre,,${PASSWORD}`,
    `admin,Admin,administrator,centre,,${PASSWORD}`,
  );
  write("seats.csv", "id,name", "s1,Seat 1");
  const data = join(folder, "data");
  const printed = run("init", "--data", data, "--from", setup, "--drill", "--token", "world:simulation");
  return { data, token: /^token of world .*: (\S+)$/m.exec(printed)[1] };
}

async function serve({ data }) {
  const words = ["serve", "--data", data, "--drill", "--port", "0"];
  const server = spawn(resolve(mingdi), words, {
    stdio: ["ignore", "pipe", "ignore"],
    env: { ...process.env, MINGDI_SET_CONSOLE: resolve(consoleFolder) },
  });
  let said = "";
  for await (const piece of server.stdout) {
    said += piece;
    const port = /127\.0\.0\.1:(\d+)/.exec(said)?.[1];
    if (port) return { server, base: `http://127.0.0.1:${port}` };
  }
  throw new Error(`the server ended: ${said}`);
}

async function post(base, token, path, body, key) {
  const answer = await fetch(base + path, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${token}`,
      "Content-Type": "application/json",
      "Mingdi-Drill": "1",
      ...(key ? { "Idempotency-Key": key } : {}),
    },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

/** All on duty, then one position a second each, on circles over the city. */
function drive(base, token) {
  const radius = Math.min(east - west, north - south) / 2.5;
  let [beat, sent] = [0, 0];
  const timer = setInterval(async () => {
    beat += 1;
    const at = new Date().toISOString();
    const positions = Array.from({ length: UNITS }, (_, i) => {
      const [share, angle] = [Math.sqrt((i + 1) / UNITS), i * 2.399963 + beat * 0.004];
      const [lon, lat] = [
        middle.lon + radius * share * Math.cos(angle),
        middle.lat + radius * share * 0.6 * Math.sin(angle),
      ];
      return { unit: i + 1, lon: Number(lon.toFixed(7)), lat: Number(lat.toFixed(7)), at };
    });
    await post(base, token, "/api/v1/positions", positions).then(() => {
      sent += UNITS;
    });
  }, 1000);
  return { end: () => clearInterval(timer), sent: () => sent };
}

// From the key to the ends of the first frame after it, which shows the answer, and of the third.
const measurePress = () =>
  new Promise((done) => {
    const ends = [];
    const frame = (begin) =>
      requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => {
          ends.push(performance.now() - begin);
          if (ends.length < 3) frame(begin);
          else done({ answer: ends[0], third: ends[2] });
        };
        channel.port2.postMessage(0);
      });
    addEventListener("keydown", ({ timeStamp }) => frame(timeStamp), { once: true, capture: true });
  });

const measureFrames = () =>
  new Promise((done) => {
    let frames = 0;
    const begin = performance.now();
    const next = () => {
      frames += 1;
      if (performance.now() - begin < 5000) requestAnimationFrame(next);
      else done((frames * 1000) / (performance.now() - begin));
    };
    requestAnimationFrame(next);
  });

const part = (times, share) => times[Math.min(times.length - 1, Math.floor(times.length * share))];

const sorted = (times) => times.sort((one, other) => one - other);

async function latencies(page, keys) {
  const times = { answer: [], third: [] };
  for (let i = 0; i < PRESSES; i++) {
    const heard = page.evaluate(measurePress);
    await page.waitForTimeout(120 + (i % 7) * 31);
    await page.keyboard.press(keys[i % keys.length]);
    const { answer, third } = await heard;
    times.answer.push(answer);
    times.third.push(third);
  }
  return { answer: sorted(times.answer), third: sorted(times.third) };
}

/** How much of a second the page's own thread works: what remains of the cost where there is a graphics card. */
async function busyShare(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  const read = async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    return metrics.find(({ name }) => name === "TaskDuration").value;
  };
  const [begin, before] = [performance.now(), await read()];
  const frames = await page.evaluate(measureFrames);
  const busy = (await read()) - before;
  await session.detach();
  return { frames, busy: (100_000 * busy) / (performance.now() - begin) };
}

const HELP = ["the help opens and closes", ["?", "Escape"]];
const SCREENS = [
  { screen: "map", acts: [HELP, ["a layer: districts", ["b"]], ["a layer: names", ["n"]]] },
  { screen: "dispatch", list: "Units", acts: [["an arrow in the list of units", ["ArrowDown", "ArrowUp"]], HELP] },
];

async function measure(page, { screen, list, acts }, name) {
  await page.goto(`/console/${screen}`);
  // A list of nobody is no list: it comes with the units that are on duty.
  const ready = list ? page.getByRole("listbox", { name: list }) : page.locator(".maplibregl-canvas");
  await ready.waitFor();
  await page.waitForTimeout(4000);
  if (list) await ready.focus();
  const { frames, busy } = await busyShare(page);
  say(`${screen}, ${name}: ${frames.toFixed(1)} frames/s, the page's thread is busy ${busy.toFixed(1)} % of the time`);
  const figures = {};
  for (const [what, keys] of acts) {
    const { answer, third } = await latencies(page, keys);
    figures[`${screen}: ${what}`] = part(answer, 0.95);
    const row = [answer, third].flatMap((times) => [part(times, 0.5), part(times, 0.95), times.at(-1)]);
    say(`  ${what.padEnd(32)}${row.map((value) => value.toFixed(1).padStart(9)).join("")}`);
  }
  return figures;
}

const centre = makeCentre();
const { server, base } = await serve(centre);
let world = null;
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--no-sandbox"],
});
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 }, baseURL: base });
  await page.goto("/");
  await page.evaluate(
    async ([name, password]) => {
      const headers = { "Content-Type": "application/json", "Mingdi-Drill": "1" };
      const answer = await fetch("/api/v1/session", {
        method: "POST",
        headers,
        body: JSON.stringify({ name, password }),
      });
      if (answer.status !== 201) throw new Error(`sign in: ${answer.status}`);
    },
    ["li", PASSWORD],
  );
  say(`${"key to picture, milliseconds".padEnd(34)}   the answer: p50, p95, max; the third frame: p50, p95, max`);
  const still = {};
  for (const screen of SCREENS.filter(({ list }) => !list))
    Object.assign(still, await measure(page, screen, "no unit on duty"));
  for (let i = 1; i <= UNITS; i++)
    await post(base, centre.token, "/api/v1/commands/unit_report", { unit: i, what: "start_shift" }, `start-${i}`);
  world = drive(base, centre.token);
  const moving = {};
  for (const screen of SCREENS) Object.assign(moving, await measure(page, screen, `${UNITS} units, 1/s each`));
  const ratios = Object.keys(still).map((what) => `${(moving[what] / still[what]).toFixed(2)} (${what})`);
  say(`ratio of p95 with units to without: ${ratios.join(", ")}; ${world.sent()} positions were sent`);
} finally {
  world?.end();
  await browser.close();
  server.kill("SIGTERM");
  await new Promise((ended) => server.once("exit", ended));
  rmSync(folder, { recursive: true });
}
