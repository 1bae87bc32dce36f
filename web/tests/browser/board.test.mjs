// The status board, printed from the last state that a browser holds, while the centre is gone: what is on it, and what is not.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { missing, signIn, startBrowser, startCentre } from "./harness.mjs";

const skip = missing();
const WAIT_MS = 60_000;
const NUMBER = "13800001234";
const REMARKS = "the dog is locked in";
let browser;
let centre;
let incident;

/** An incident that waits, of a caller who told much. */
async function oneCall() {
  const taker = await centre.person("wang");
  const { made: call } = await taker.post("/calls", { number: NUMBER, name: "Lu", remarks: REMARKS });
  await taker.command("call_answer", { call, seat: 1 });
  await taker.command("call_locate", { call, point: { lon: 11.968, lat: 57.702 } });
  const needs = ["basic"];
  const { made } = await taker.command("call_triage", { call, needs, priority: "severe", units_wanted: 1 });
  return made;
}

const printing = (page) => page.locator("body > [class*=board]");

async function beginPrinting(page) {
  // Only what a browser does before it prints; the sheet is then looked at as a page is.
  await page.emulateMedia({ media: "print" });
  await page.evaluate(() => window.dispatchEvent(new Event("beforeprint")));
  await printing(page).waitFor();
}

describe("the printed board", { skip }, () => {
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

  it("is that of the last state, marked so, in both languages, and names no caller", async () => {
    const dispatch = await signIn(browser, centre, "li", { language: "en" });
    const wall = await signIn(browser, centre, "chen", { language: "zh-CN", theme: "bright" });
    for (const page of [dispatch, wall]) page.setDefaultTimeout(WAIT_MS);
    await dispatch.goto(`${centre.url}/console/dispatch`);
    await wall.goto(`${centre.url}/console/wall`);
    await dispatch.getByRole("button", { name: "Print the board" }).waitFor({ timeout: WAIT_MS });
    await wall.getByRole("button", { name: "打印状态板" }).waitFor({ timeout: WAIT_MS });
    // The place has its name before nobody can be asked any more.
    const named = async (page, name) => {
      for (let tries = 0; tries < 600; tries += 1) {
        await beginPrinting(page);
        const text = await printing(page).innerText();
        await page.evaluate(() => window.dispatchEvent(new Event("afterprint")));
        if (text.includes(name)) return;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      assert.fail(`the board never had ${name}`);
    };
    for (const page of [dispatch, wall]) await named(page, "East Street 1");
    await centre.kill("SIGKILL");
    for (const page of [dispatch, wall]) {
      await page.getByRole("alert").first().waitFor({ state: "attached", timeout: WAIT_MS });
      await beginPrinting(page);
      // Nothing of the screen is on the paper.
      assert.equal(await page.locator("#root").isVisible(), false);
    }
    const [english, chinese] = [await printing(dispatch).innerText(), await printing(wall).innerText()];
    for (const word of ["State of", "cannot be reached", "Severe", "East Street 1", "At post", "u1", "Open", "DRILL"])
      assert.ok(english.includes(word), `${word} is not in ${english}`);
    for (const word of ["状态时间", "系统无法连接", "危重", "East Street 1", "u1", "演练"])
      assert.ok(chinese.includes(word), `${word} is not in ${chinese}`);
    assert.match(english, new RegExp(`\\b${incident}\\b`));
    for (const text of [english, chinese]) assert.ok(!text.includes(NUMBER) && !text.includes(REMARKS));
    // A4 across, as the browser itself prints it: 297 mm are 842 points.
    await dispatch.evaluate(() => window.dispatchEvent(new Event("afterprint")));
    const pdf = (await dispatch.pdf({ preferCSSPageSize: true })).toString("latin1");
    assert.match(pdf, /\/MediaBox \[0 0 84\d\.?\d* 59\d/);
    // The screen is there again.
    await dispatch.emulateMedia({ media: "screen" });
    await dispatch.getByRole("button", { name: "Print the board" }).waitFor();
    assert.equal(await printing(dispatch).count(), 0);
    for (const page of [dispatch, wall]) await page.context().close();
  });
});
