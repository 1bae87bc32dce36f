// The first minute of a demonstration: somebody who has never seen the console clicks on the first tile, and presses what the
// guide names, nothing else. The exercise plays the world around.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { accessibilityProblems, missing, PASSWORD, spawnTied, startBrowser, startCentre } from "./harness.mjs";

const SPEED = 20;
const WAIT_MS = 120_000;
const skip = missing();
let browser;
let centre;
let exercise;

async function addNewcomer(admin) {
  const grants = ["call_taker", "dispatcher"].map((role) => ({ role, scope: "centre" }));
  await admin.post("/people", { name: "newcomer", display: "Newcomer", password: PASSWORD, grants });
}

/**
 * The world: as it is started beside a real centre's drill, but with one desk. Another that is played would after a while, which at
 * this speed is a moment, send for who is still reading.
 */
async function startExercise(admin) {
  const grant = { role: "simulation", scope: "centre" };
  const { secret } = await admin.post("/tokens", { name: "exercise", grant });
  const file = join(centre.folder, "exercise.token");
  writeFileSync(file, `${secret}\n`, { mode: 0o600 });
  const words = ["exercise", join(centre.folder, "setup"), "--url", centre.url, "--token-file", file];
  exercise = spawnTied([...words, "--seats", "2", "--desks", "1", "--surprises", "0"], { stdio: "ignore" });
}

async function openWelcome(language) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 } });
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT_MS);
  page.errors = [];
  page.on("pageerror", (error) => page.errors.push(error.message));
  await page.addInitScript((chosen) => localStorage.setItem("mingdi.language", chosen), language);
  await page.goto(`${centre.url}/`);
  return page;
}

/** What the guide tells to do now. */
const told = (page, text) => page.getByRole("complementary", { name: "First steps" }).getByText(text).waitFor();
const isTold = (page, text) => page.getByRole("complementary", { name: "First steps" }).getByText(text).isVisible();

/** Answers as long as the guide wants answers: "awake" or whatever comes second, which leads to an end in every protocol. */
async function answerQuestions(page) {
  for (let count = 0; count < 30 && !(await isTold(page, "Press F8")); count += 1) {
    const answers = page.getByRole("group", { name: "Answers" }).getByRole("button");
    const which = (await answers.count()) > 1 ? 1 : 0;
    const text = await answers.nth(which).innerText();
    // A question is seen before it is answered: the screen takes no double press.
    await page.locator("[role=group][data-open]").waitFor();
    await page.keyboard.press(text.trim()[0].toLowerCase());
  }
  await told(page, "Press F8");
}

before(async () => {
  if (skip) return;
  centre = await startCentre({ drill_accounts: true, drill_password_hint: PASSWORD });
  const admin = await centre.person("admin");
  await addNewcomer(admin);
  await centre.startShifts();
  const chen = await centre.person("chen");
  await chen.put("/drill/speed", { speed: SPEED });
  await startExercise(admin);
  browser = await startBrowser();
});

after(async () => {
  if (exercise && exercise.exitCode === null) {
    const ended = new Promise((resolve) => exercise.on("exit", resolve));
    exercise.kill("SIGTERM");
    await ended;
  }
  await browser?.close();
  await centre?.remove();
});

describe("a newcomer", { skip, timeout: 600_000 }, () => {
  it("answers a call, sends an ambulance and sees it arrive, led by the guide alone", async () => {
    const page = await openWelcome("en");
    const tile = page.getByRole("button", { name: "Start here: one minute" });
    await tile.waitFor();
    assert.deepEqual(await accessibilityProblems(page), []);
    await tile.click();
    await told(page, "Press Enter to answer");
    await page.keyboard.press("Enter");
    await told(page, "takes the place that the caller names");
    await page.getByText("The caller says to be here").waitFor();
    await page.keyboard.press("Enter");
    await told(page, "Type a word of it, or its letter");
    assert.deepEqual(await accessibilityProblems(page), []);
    await page.keyboard.type("x");
    await page.keyboard.press("Enter");
    await told(page, "Read the question aloud");
    await answerQuestions(page);
    await page.keyboard.press("F8");
    await told(page, "Press Alt+2");
    await page.keyboard.press("Alt+2");
    await told(page, "Press Enter to send it");
    await page
      .getByRole("button", { name: /^Send u/ })
      .first()
      .waitFor();
    await page.keyboard.press("Enter");
    await told(page, "It has arrived");
    assert.deepEqual(page.errors, []);

    const chen = await centre.person("chen");
    const { items } = await chen.get("/missions?limit=500");
    const own = items.find((mission) => mission.ordered?.name === "Newcomer");
    assert.ok(own?.on_scene_at, JSON.stringify(items));
    await page.context().close();
  });

  it("is led in Chinese too, and others are not led so", async () => {
    const page = await openWelcome("zh-CN");
    await page.getByRole("button", { name: "从这里开始：一分钟" }).click();
    await page.getByText("一分钟：您的第一个呼叫").waitFor();
    await page.context().close();
    const other = await openWelcome("en");
    await other.getByRole("button", { name: /wang/ }).click();
    await other.getByRole("complementary", { name: "First steps" }).waitFor();
    assert.equal(await other.getByText("Your first call, in a minute").count(), 0);
    await other.context().close();
  });
});
