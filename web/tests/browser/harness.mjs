// For the browser tests: a real drill centre made from the small town of tests/cli, and Debian's Chromium in front of it.
//
//   MINGDI              the program (default: build/mingdi beside the sources)
//   MINGDI_CONSOLE_OUT  the built console (default: build/console)
//   MINGDI_CHROMIUM     the browser (default: /usr/bin/chromium)
//
// Nothing here knows how the server works inside: it is what people and their browsers do.
import { execFileSync, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const ROOT = join(import.meta.dirname, "../../..");
export const PROGRAM = process.env.MINGDI ?? join(ROOT, "build/mingdi");
const CONSOLE = process.env.MINGDI_CONSOLE_OUT ?? join(ROOT, "build/console");
const CHROMIUM = process.env.MINGDI_CHROMIUM ?? "/usr/bin/chromium";
const WAIT_MS = 60_000;
const AXE = readFileSync(join(ROOT, "web/node_modules/axe-core/axe.min.js"), "utf8");
export const PASSWORD = "correct horse battery";

/** Why the browser tests cannot run here, or false: for test.skip. */
export function missing() {
  if (!existsSync(PROGRAM)) return `no program ${PROGRAM}`;
  if (!existsSync(join(CONSOLE, "index.html"))) return `no built console in ${CONSOLE}`;
  return existsSync(CHROMIUM) ? false : `no browser ${CHROMIUM}`;
}

const PEOPLE = [
  ["wang", "call_taker", "centre", ""],
  ["qian", "call_taker", "centre", ""],
  ["li", "dispatcher", "centre", ""],
  ["zhao", "dispatcher", "centre", ""],
  ["chen", "duty_commander", "centre", ""],
  ["crew1", "crew", "unit", "u1"],
  ["crew2", "crew", "unit", "u2"],
  ["crew3", "crew", "unit", "u3"],
  ["ward", "hospital", "facility", "hospital"],
  ["admin", "administrator", "centre", ""],
  ["review", "quality_reviewer", "centre", ""],
  ["audit", "auditor", "centre", ""],
];
const SEATS = [
  "C1,Call-taker 1,call_taker",
  "C2,Call-taker 2,call_taker",
  "D1,Dispatcher 1,dispatcher",
  "D2,Dispatcher 2,dispatcher",
];

function makeSetup(folder) {
  const town = join(ROOT, "tests/cli/town");
  const setup = join(folder, "setup");
  cpSync(join(town, "scenario"), setup, { recursive: true });
  const roads = join(town, "roads.geojson");
  execFileSync(PROGRAM, ["city", "import", "--geojson", roads, "--name", "Town", "-o", join(setup, "city.mingdi")], {
    stdio: "pipe",
  });
  writeFileSync(join(setup, "seats.csv"), `id,name,desk\n${SEATS.join("\n")}\n`);
  const people = PEOPLE.map(([name, ...grant]) => [name, name, ...grant, PASSWORD].join(","));
  writeFileSync(join(setup, "people.csv"), `name,display,role,scope,scope_id,password\n${people.join("\n")}\n`);
  return setup;
}

/** One person's connection beside the browsers: what others do while the browser looks. */
class Client {
  constructor(port) {
    this.port = port;
    this.headers = { "Content-Type": "application/json", "Mingdi-Drill": "1" };
  }

  ask(method, path, body, headers = {}) {
    const options = {
      host: "127.0.0.1",
      port: this.port,
      method,
      path: `/api/v1${path}`,
      headers: { ...this.headers, ...headers },
    };
    return new Promise((resolve, reject) => {
      const sent = request(options, (answer) => {
        let text = "";
        answer.setEncoding("utf8");
        answer.on("data", (part) => {
          text += part;
        });
        answer.on("end", () => {
          const value = text ? JSON.parse(text) : null;
          if (answer.statusCode < 300) resolve({ value, headers: answer.headers });
          else reject(new Error(`${method} ${path}: ${answer.statusCode} ${text}`));
        });
      });
      sent.on("error", reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  async signIn(name) {
    const { value, headers } = await this.ask("POST", "/session", { name, password: PASSWORD });
    this.headers.Cookie = headers["set-cookie"][0].split(";")[0];
    this.headers["X-CSRF-Token"] = value.csrf;
    return this;
  }

  async get(path) {
    return (await this.ask("GET", path)).value;
  }

  async put(path, body) {
    return (await this.ask("PUT", path, body)).value;
  }

  async post(path, body) {
    return (await this.ask("POST", path, body, { "Idempotency-Key": randomUUID() })).value;
  }

  command(name, body) {
    return this.post(`/commands/${name}`, body);
  }
}

const running = new Set();
const endAll = () => {
  for (const server of running) server.kill("SIGKILL");
};
process.on("exit", endAll);
for (const [signal, number] of [
  ["SIGINT", 2],
  ["SIGTERM", 15],
  ["SIGHUP", 1],
])
  process.on(signal, () => process.exit(128 + number));

/**
 * The program as a child that ends with this process, however that ends: a shell holds the other end of a pipe and kills it when
 * nobody writes there any more.
 */
export function spawnTied(words, options) {
  const server = spawn(PROGRAM, words, options);
  const guard = spawn("/bin/sh", ["-c", `read -r nothing; kill -9 ${server.pid}`], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  guard.unref();
  guard.stdin.unref();
  running.add(server);
  server.on("exit", () => {
    running.delete(server);
    guard.kill("SIGKILL");
  });
  return server;
}

class Centre {
  /** live: no drill, and all that a new centre asks of people at their first sign-in. */
  constructor(settings, live) {
    this.drill = live ? [] : ["--drill"];
    this.folder = mkdtempSync(join(tmpdir(), "mingdi-browser-"));
    this.data = join(this.folder, "data");
    this.settings = { console: CONSOLE, protocols: join(ROOT, "protocols"), requests_per_minute: 60000, ...settings };
    const words = ["init", "--data", this.data, "--from", makeSetup(this.folder), ...this.drill];
    execFileSync(PROGRAM, words, { stdio: "pipe" });
  }

  async start(port = 0) {
    const settings = Object.entries(this.settings).map(([name, value]) => [
      `MINGDI_SET_${name.toUpperCase()}`,
      String(value),
    ]);
    const words = ["serve", "--data", this.data, ...this.drill, "--port", String(port)];
    this.process = spawnTied(words, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...Object.fromEntries(settings) },
    });
    this.log = "";
    this.process.stderr.on("data", (part) => {
      this.log = (this.log + part).slice(-4000);
    });
    this.ended = new Promise((resolve) => this.process.on("exit", resolve));
    this.port = await this.address();
    this.url = `http://127.0.0.1:${this.port}`;
    return this;
  }

  address() {
    return new Promise((resolve, reject) => {
      let text = "";
      const timer = setTimeout(() => reject(new Error(`no address: ${text}${this.log}`)), WAIT_MS);
      this.process.stdout.on("data", (part) => {
        text += part;
        const found = /http:\/\/127\.0\.0\.1:(\d+)/.exec(text);
        if (!found) return;
        clearTimeout(timer);
        resolve(Number(found[1]));
      });
      this.ended.then(() => reject(new Error(`the server ended: ${text}${this.log}`)));
    });
  }

  /** SIGKILL is what a power cut does; start(this.port) brings it back at the same address. */
  async kill(signal = "SIGTERM") {
    this.process.kill(signal);
    await this.ended;
  }

  async remove() {
    if (this.process && this.process.exitCode === null && this.process.signalCode === null) await this.kill("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }

  person(name) {
    return new Client(this.port).signIn(name);
  }

  /** A machine with a token of its own: the telephone's gateway, an exercise. */
  async machine(role) {
    const admin = await this.person("admin");
    const { secret } = await admin.post("/tokens", { name: role, grant: { role, scope: "centre" } });
    const client = new Client(this.port);
    client.headers.Authorization = `Bearer ${secret}`;
    return client;
  }

  /** Units are off duty until their crews start. */
  async startShifts() {
    for (const unit of [1, 2, 3]) {
      const crew = await this.person(`crew${unit}`);
      await crew.command("unit_report", { unit, what: "start_shift" });
    }
  }
}

export function startCentre(settings = {}, { live = false } = {}) {
  return new Centre(settings, live).start();
}

export function startBrowser() {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"],
  });
}

/**
 * A window of its own, signed in as that person. Errors of the page are kept in page.errors. `device`: of the browser's context;
 * `prepare`: done with the page before it loads anything. `arrives`: signing in leads straight into the console.
 */
export async function signIn(
  browser,
  centre,
  name,
  {
    language = "en",
    theme = "dark",
    size = [1280, 720],
    guide = false,
    password = PASSWORD,
    device = {},
    prepare,
    arrives = true,
  } = {},
) {
  const context = await browser.newContext({ viewport: { width: size[0], height: size[1] }, ...device });
  const page = await context.newPage();
  await prepare?.(page);
  page.setDefaultTimeout(15_000);
  page.errors = [];
  page.on("pageerror", (error) => page.errors.push(error.message));
  page.on("console", (line) => {
    // Asking who is signed in is answered with 401, and browsers tell of that.
    if (line.type() === "error" && !line.text().includes("401")) page.errors.push(line.text());
  });
  await page.addInitScript(
    (stored) => {
      for (const [key, value] of Object.entries(stored)) localStorage.setItem(`mingdi.${key}`, value);
    },
    { language, theme, "guide.dismissed": guide ? "0" : "1" },
  );
  await page.goto(`${centre.url}/`);
  await page.locator("input[autocomplete=username]").fill(name);
  await page.locator("input[type=password]").fill(password);
  await page.locator("input[type=password]").press("Enter");
  if (arrives) await page.waitForFunction(() => location.pathname.startsWith("/console/"), null, { timeout: WAIT_MS });
  return page;
}

/** Before a finger goes down on a button that wants to be held; what comes back waits until the button has had enough. */
export async function watchHeld(page) {
  await page.evaluate(() => {
    window.held = new Promise((resolve) => {
      let isHeld = false;
      const watch = new MutationObserver(() => {
        const now = document.querySelector("[class*=holding]") !== null;
        if (isHeld && !now) {
          watch.disconnect();
          resolve();
        }
        isHeld = now;
      });
      watch.observe(document.body, { subtree: true, childList: true, attributes: true });
    });
  });
  return () => page.waitForFunction(() => window.held.then(() => true));
}

/** What axe-core finds against WCAG 2.2 AA, as lines to read; none is right. */
export async function accessibilityProblems(page) {
  // By the debugger's protocol: the page itself may run no script that is not its own.
  await page.evaluate(AXE);
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
  const { violations } = await page.evaluate(
    (values) => window.axe.run(document, { runOnly: { type: "tag", values } }),
    tags,
  );
  return violations.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.html} ${node.failureSummary}`));
}
