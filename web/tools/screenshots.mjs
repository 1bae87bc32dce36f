// The pictures of the guide: docs/images/NAME.LANGUAGE.png (or .jpg), of each screen in both languages, from a drill that lives meanwhile.
//
//   screenshots.mjs FOLDER [--url URL --language en|zh-CN] [NAME...]
//
// FOLDER is where the demonstration of Gothenburg may put its files; with --url, one that runs already is pictured. Names
// leave the other pictures as they are. The program is MINGDI, else build/mingdi; the browser MINGDI_CHROMIUM.
import { execFileSync, spawn } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { missing, PROGRAM, signIn, startBrowser } from "../tests/browser/harness.mjs";
import { PASSWORD, person, SHOTS, until } from "./shots.mjs";

const ROOT = join(import.meta.dirname, "../..");
const IMAGES = join(ROOT, "docs/images");
const BEGIN_MS = 300_000;
const LIVE_MS = 75_000; // at LIVE_SPEED: more than an hour of service, so that there are figures
const LIVE_SPEED = 60;
const PICTURE_SPEED = 6;
const LARGE = 300_000;

const say = (text) => process.stdout.write(`${text}\n`);
const complain = (text) => process.stderr.write(`${text}\n`);

/** The protocols, signed: as a centre has them. */
function signProtocols(folder) {
  const signed = join(folder, "protocols");
  const key = join(folder, "protocols.key");
  rmSync(signed, { recursive: true, force: true });
  rmSync(key, { force: true });
  rmSync(`${key}.pub`, { force: true });
  cpSync(join(ROOT, "protocols"), signed, { recursive: true });
  const mingdi = (...words) => execFileSync(PROGRAM, ["protocol", ...words], { stdio: "pipe" });
  mingdi("key", key);
  mingdi("sign", signed, "--key", key, "--signer", "Demonstration");
  const publicKey = readFileSync(`${key}.pub`, "utf8").trim();
  return { MINGDI_SET_PROTOCOLS: signed, MINGDI_SET_PROTOCOL_KEY: publicKey };
}

/** The demonstration, from its start until calls flow. */
async function startDemo(folder, language) {
  const words = [join(ROOT, "cities/gothenburg/demo.sh"), PROGRAM, folder, "20", "--language", language];
  const demo = spawn("sh", words, {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...signProtocols(folder) },
  });
  const ended = new Promise((resolve) => demo.on("exit", resolve));
  let told = "";
  demo.stdout.on("data", (part) => {
    told += part;
  });
  const stop = async () => {
    demo.kill("SIGTERM");
    await ended;
  };
  try {
    const begun = () => demo.exitCode !== null || /Ctrl-C stops everything/.test(told);
    await until("the demonstration", async () => begun(), BEGIN_MS);
    if (demo.exitCode !== null) throw new Error(`the demonstration did not start:\n${told}`);
    return { url: /http:\/\/127\.0\.0\.1:\d+/.exec(told)[0], stop };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

// ---- the pictures ----

async function take(name, shot) {
  const page = await SHOTS[name](shot);
  const file = join(IMAGES, `${name}.${shot.look.language}.${name === "wall" ? "jpg" : "png"}`);
  await page.screenshot(name === "wall" ? { path: file, quality: 82 } : { path: file });
  await page.context().close();
  const size = statSync(file).size;
  say(`${file.slice(ROOT.length + 1)}: ${Math.round(size / 1000)} kB${size > LARGE ? ", more than wanted" : ""}`);
}

async function pictures(url, language, names, browser) {
  const look = { language, theme: language === "en" ? "dark" : "bright" };
  const open = async (name, path, size = [1280, 720]) => {
    const page = await signIn(browser, { url }, name, { ...look, size, password: PASSWORD });
    await page.goto(`${url}/console/${path}`);
    return page;
  };
  const boss = await person(url, "karin");
  await boss.put("/drill/speed", { speed: PICTURE_SPEED });
  let failed = 0;
  for (const name of names) {
    await take(name, { browser, url, look, open, boss }).catch((thrown) => {
      failed += 1;
      complain(`${name}.${language}: ${thrown.message}`);
    });
  }
  return failed;
}

async function live(url) {
  const boss = await person(url, "karin");
  await boss.put("/drill/speed", { speed: LIVE_SPEED });
  await pause(LIVE_MS);
}

const { values, positionals } = parseArgs({
  options: { url: { type: "string" }, language: { type: "string" } },
  allowPositionals: true,
});
const [folder, ...wanted] = positionals;
const unknown = wanted.find((name) => !(name in SHOTS));
if (!folder || unknown) {
  complain(`screenshots: names are ${Object.keys(SHOTS).join(", ")}${unknown ? `, not '${unknown}'` : ""}`);
  process.exit(2);
}
const lacking = missing();
if (lacking) {
  complain(`screenshots: ${lacking}`);
  process.exit(1);
}
const names = wanted.length > 0 ? wanted : Object.keys(SHOTS);
mkdirSync(IMAGES, { recursive: true });
mkdirSync(folder, { recursive: true });
const browser = await startBrowser();
let failed = 0;
try {
  for (const language of values.language ? [values.language] : ["en", "zh-CN"]) {
    const demo = values.url ? { url: values.url, stop: () => {} } : await startDemo(folder, language.slice(0, 2));
    try {
      if (!values.url && names.some((name) => /wall|review|hospital/.test(name))) await live(demo.url);
      failed += await pictures(demo.url, language, names, browser);
    } finally {
      await demo.stop();
    }
  }
} finally {
  await browser.close();
}
process.exit(failed > 0 ? 1 : 0);
