// The map of the whole city in a real browser against a real centre: its layers come by their keys and are drawn, and nobody is
// kept out of what stands beside it.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { accessibilityProblems, missing, signIn, startBrowser, startCentre } from "./harness.mjs";

const skip = missing();
const PLACE = { lon: 11.968, lat: 57.702 };
const CALLS = 6;
let browser;
let centre;
let taker;

/** Calls of one place that are over: they are where demand comes from, and leave no sign on the map. */
async function demandAt(point) {
  for (let count = 0; count < CALLS; count += 1) {
    const { made: call } = await taker.post("/calls", { number: "000-3" });
    await taker.command("call_answer", { call, seat: 1 });
    await taker.command("call_locate", { call, point });
    const wish = { call, needs: ["basic"], priority: "urgent", units_wanted: 1 };
    const { made: incident } = await taker.command("call_triage", wish);
    const chief = await centre.person("chen");
    await chief.command("incident_cancel", { incident });
  }
}

/** The commander's map, with its roads drawn. */
async function mapOf(options) {
  const page = await signIn(browser, centre, "chen", options);
  await page.goto(`${centre.url}/console/map`);
  await page.locator(".maplibregl-canvas").waitFor();
  await page.locator(".maplibregl-ctrl-attrib").waitFor();
  return page;
}

/** Of the map alone, between what stands beside it. */
const BARE = { x: 360, y: 120, width: 660, height: 480 };
const picture = async (page) => (await page.screenshot({ clip: BARE })).toString("base64");

async function goTo(page, words) {
  await page.keyboard.press("/");
  await page.keyboard.type(words);
  await page.getByRole("option").first().waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("option").first().waitFor({ state: "detached" });
}

/** How many pixels of two pictures are not the same. */
function differing(page, one, other) {
  return page.evaluate(
    async (pictures) => {
      const [a, b] = await Promise.all(
        pictures.map(async (text) => {
          const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
          const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
          const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
          context.drawImage(bitmap, 0, 0);
          return new Uint32Array(context.getImageData(0, 0, bitmap.width, bitmap.height).data.buffer);
        }),
      );
      return a.reduce((count, pixel, index) => count + (pixel === b[index] ? 0 : 1), 0);
    },
    [one, other],
  );
}

/** Takes pictures until one fits. */
async function pictureThat(page, what, fits) {
  for (let tries = 0; tries < 100; tries += 1) {
    const taken = await picture(page);
    if (await fits(taken)) return taken;
  }
  throw new Error(`the map never ${what}`);
}

/** The map when its roads have come and nothing on it changes any more. */
async function still(page) {
  await page.waitForLoadState("networkidle");
  let before = await picture(page);
  let same = 0;
  return pictureThat(page, "stood still", async (taken) => {
    same = (await differing(page, before, taken)) === 0 ? same + 1 : 0;
    before = taken;
    return same === 3;
  });
}

describe("the map", { skip, concurrency: false, timeout: 300_000 }, () => {
  before(async () => {
    centre = await startCentre();
    browser = await startBrowser();
    taker = await centre.person("wang");
  });
  after(async () => {
    await browser?.close();
    await centre?.remove();
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
  });

  it("draws where calls come from, by a key, and takes it away by the same", async () => {
    await demandAt(PLACE);
    const page = await mapOf();
    const asked = [];
    page.on("request", (request) => request.url().includes("/api/v1/demand") && asked.push(request.url()));
    await goTo(page, "East Street 1");
    // Signs that tell of age change by themselves.
    for (const key of ["u", "i"]) await page.keyboard.press(key);
    const bare = await still(page);

    const answered = page.waitForResponse((response) => response.url().includes("/api/v1/demand"));
    await page.keyboard.press("d");
    const { cells } = await (await answered).json();
    assert.equal(await page.getByRole("checkbox", { name: /^Demand/ }).isChecked(), true);
    assert.deepEqual(
      cells.map(([, , calls]) => calls),
      [CALLS],
    );
    let drawn = 0;
    await pictureThat(page, "drew the demand", async (taken) => {
      drawn = await differing(page, bare, taken);
      return drawn > 5000;
    });

    await page.keyboard.press("d");
    await pictureThat(page, "took the demand away", async (taken) => (await differing(page, bare, taken)) < drawn / 10);
    assert.equal(asked.length, 1);
    assert.deepEqual(page.errors, []);
  });

  for (const language of ["en", "zh-CN"]) {
    for (const theme of ["dark", "bright"]) {
      it(`has no barrier that axe finds: ${language}, ${theme}`, async () => {
        const page = await mapOf({ language, theme, guide: true });
        assert.deepEqual(await accessibilityProblems(page), []);
        await page.keyboard.press("c");
        await page.keyboard.press("/");
        await page.keyboard.type("north street");
        await page.getByRole("option").first().waitFor();
        assert.deepEqual(await accessibilityProblems(page), []);
        await page.keyboard.press("Enter");
        await page.getByRole("option").first().waitFor({ state: "detached" });
        assert.deepEqual(await accessibilityProblems(page), []);
        assert.deepEqual(page.errors, []);
      });
    }
  }
});
