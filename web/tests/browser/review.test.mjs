// The reviewer's screen in a real browser against a real centre: from a figure to its calls, to the story of an incident, to the map
// of its time, by keys; and what a file of it holds.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { accessibilityProblems, missing, signIn, startBrowser, startCentre } from "./harness.mjs";

const skip = missing();
const NUMBER = "000-7351";
let browser;
let centre;
let incident;

async function until(ask, fits, what) {
  for (let tries = 0; tries < 400; tries += 1) {
    const value = await ask();
    if (fits(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`never came: ${what}`);
}

/** One call from ring to close: not on the way for long, nobody is taken away. */
async function oneCall() {
  const taker = await centre.person("wang");
  const boss = await centre.person("chen");
  const { made: call } = await taker.post("/calls", { number: NUMBER });
  await taker.command("call_answer", { call, seat: 1 });
  await taker.command("call_locate", { call, point: { lon: 11.9681, lat: 57.702 } });
  const { made } = await taker.command("call_triage", { call, needs: ["basic"], priority: "severe", units_wanted: 1 });
  await until(
    () => boss.get(`/incidents/${made}`),
    (one) => one.state === "recommended",
    "a recommendation",
  );
  const { value } = await boss.ask("GET", `/incidents/${made}/recommendation`);
  const candidate = value.candidates.at(-1);
  const { made: mission } = await boss.command("unit_assign", {
    incident: made,
    unit: candidate.unit,
    ...(value.candidates.length > 1 ? { override: "local_knowledge" } : {}),
  });
  const crew = await centre.person(`crew${candidate.unit}`);
  for (const stage of ["notify", "acknowledge", "depart", "arrive", "reach_patient", "end"])
    await crew.command("mission_report", { mission, stage });
  const reviewer = await centre.person("review");
  await until(
    () => reviewer.get("/reports/calls"),
    (page) => page.items.length > 0,
    "the row of the report",
  );
  return made;
}

describe("review", { skip }, () => {
  before(async () => {
    browser = await startBrowser();
    centre = await startCentre();
    await centre.startShifts();
    incident = await oneCall();
  });
  after(async () => {
    await browser?.close();
    await centre?.remove();
  });

  for (const [language, theme] of [
    ["en", "dark"],
    ["zh-CN", "bright"],
  ])
    it(`a figure, its calls, its incident, its map: ${language}, ${theme}`, async () => {
      const page = await signIn(browser, centre, "review", { language, theme });
      await page.goto(`${centre.url}/console/review?figure=i.answered_10s`);
      await page.locator("table tbody tr").first().waitFor();
      assert.deepEqual(await accessibilityProblems(page), []);
      await page.keyboard.press("2");
      const calls = page.locator("[role=tabpanel] [role=listbox]");
      await calls.getByRole("option").first().waitFor();
      assert.deepEqual(await accessibilityProblems(page), []);
      await calls.focus();
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      const steps = page.locator("[role=tabpanel] ol > li");
      await steps.first().waitFor();
      // Focus has come along: the story scrolls by keys at once.
      assert.equal(await page.evaluate(() => document.activeElement?.tagName), "OL");
      const story = await page.locator("[role=tabpanel]").innerText();
      assert.match(story, new RegExp(language === "en" ? `Incident ${incident}` : `事件 ${incident}`));
      // Who did it, from people's names; nothing of who called.
      assert.match(story, /wang/);
      assert.ok(!story.includes(NUMBER));
      assert.ok((await steps.count()) > 8);
      assert.deepEqual(await accessibilityProblems(page), []);
      await page.keyboard.press("4");
      const scrubber = page.locator("input[type=range]");
      await scrubber.waitFor();
      const frames = Number(await scrubber.getAttribute("max"));
      assert.ok(frames > 5, `${frames} frames`);
      await page.keyboard.press(".");
      await until(
        () => scrubber.inputValue(),
        (value) => value === "1",
        "the next frame",
      );
      await scrubber.focus();
      await page.keyboard.press("End");
      await until(
        () => scrubber.inputValue(),
        (value) => value === String(frames),
        "the last frame",
      );
      await page.locator("[role=tabpanel] ol > li").first().waitFor();
      assert.deepEqual(await accessibilityProblems(page), []);
      assert.deepEqual(page.errors, []);
      await page.context().close();
    });

  it("a file of the calls holds times, and neither number nor place", async () => {
    const page = await signIn(browser, centre, "review");
    await page.goto(`${centre.url}/console/review`);
    await page.locator("table tbody tr").first().waitFor();
    await page.getByRole("button", { name: "Export" }).click();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("menuitem", { name: /Calls/ }).click(),
    ]);
    const text = readFileSync(await download.path(), "utf8");
    assert.match(text, /call_offered/);
    assert.match(text, new RegExp(`\\r\\n\\d+,${incident},`));
    assert.ok(!text.includes(NUMBER) && !text.includes("11.968"));
    await page.context().close();
  });

  it("an incident that is not there is said to be not there", async () => {
    const page = await signIn(browser, centre, "review");
    await page.goto(`${centre.url}/console/review?incident=4000&tab=story`);
    await page.getByText("There is no such incident").waitFor();
    await page.context().close();
  });
});
