// The command wall in a real browser against a real centre: what it shows is what the centre holds, it is readable, and it
// wants nothing from outside.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { accessibilityProblems, missing, signIn, startBrowser, startCentre } from "./harness.mjs";

const skip = missing();
const FULL_HD = { size: [1920, 1080] };
/** What a figure must have at least on a screen of 1920 x 1080, to be read at five metres. */
const FIGURE_PX = 28;
let browser;
let centre;
let taker;

async function wall(name, options) {
  const page = await signIn(browser, centre, name, { ...FULL_HD, ...options });
  page.foreign = [];
  page.on("request", (request) => {
    if (!request.url().startsWith(centre.url) && !/^(?:blob|data):/.test(request.url()))
      page.foreign.push(request.url());
  });
  await page.goto(`${centre.url}/console/wall`);
  await page.locator("[data-area=queue]").waitFor();
  return page;
}

async function offer() {
  return (await taker.post("/calls", { number: "000-2", remarks: "" })).made;
}

/** The text of a tile of the strip, in one line. */
const tile = (page, name) => page.locator("dl > div").filter({ has: page.locator("dt", { hasText: name }) });

before(async () => {
  if (skip) return;
  centre = await startCentre();
  browser = await startBrowser();
  await centre.startShifts();
  taker = await centre.person("wang");
});

after(async () => {
  await browser?.close();
  await centre?.remove();
});

describe("the wall", { skip }, () => {
  it("shows an empty night for what it is", async () => {
    const page = await wall("chen");
    await tile(page, "Ringing").getByText("nobody waits").waitFor();
    await page.getByText("No alarm stands.").waitFor();
    await page.locator("[data-area=coverage]").getByText("3 units free").waitFor();
    await page.locator("[data-area=indicators]").getByText("≥ 95%").first().waitFor();
    assert.equal(await page.locator("[data-area=units] header strong").innerText(), "3");
    assert.deepEqual(await accessibilityProblems(page), []);
    assert.deepEqual(page.errors, []);
    assert.deepEqual(page.foreign, []);
    await page.context().close();
  });

  it("counts who rings, talks and waits as it happens", async () => {
    const page = await wall("chen");
    const first = await offer();
    await offer();
    await tile(page, "Ringing").locator("strong", { hasText: "2" }).waitFor();
    await taker.command("call_answer", { call: first, seat: 1 });
    await tile(page, "Talking").locator("strong", { hasText: "1" }).waitFor();
    await taker.command("call_locate", { call: first, point: { lon: 11.968, lat: 57.702 } });
    const wish = { call: first, needs: ["basic"], priority: "critical", units_wanted: 1 };
    await taker.command("call_triage", wish);
    const critical = page.locator("[data-area=queue] tbody tr").first();
    await critical.locator("td").first().getByText("1", { exact: true }).waitFor();
    assert.match(await critical.locator("td").nth(1).innerText(), /^\d+:\d\d$/);
    await page.context().close();
  });

  it("has no figure that is too small, on two screens, and nothing that is cut off", async () => {
    for (const size of [
      [1920, 1080],
      [3840, 2160],
    ]) {
      const page = await wall("chen", { size });
      await page.locator("[data-area=indicators]").getByText("≥ 95%").first().waitFor();
      const found = await page.evaluate((least) => {
        const scale = Math.min(innerWidth / 1920, innerHeight / 1080);
        const small = [];
        for (const element of document.querySelectorAll("main section *, main dl *, main time")) {
          const own = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE);
          if (!own.some((node) => /\d/.test(node.data)) || element.closest("svg, [data-area=map], .visually-hidden"))
            continue;
          const size = Number.parseFloat(getComputedStyle(element).fontSize) / scale;
          if (size < least - 0.1) small.push(`${element.textContent} ${size}`);
        }
        const cut = [...document.querySelectorAll("main section > div")].filter(
          (body) => body.scrollHeight > body.clientHeight + 1 || body.scrollWidth > body.clientWidth + 1,
        );
        return { small, cut: cut.map((body) => body.parentElement.dataset.area) };
      }, FIGURE_PX);
      assert.deepEqual(found, { small: [], cut: [] }, String(size));
      await page.context().close();
    }
  });

  it("says that it is cut off, with the age of what it shows", async () => {
    const page = await wall("chen");
    await page.context().setOffline(true);
    await page
      .locator("main")
      .getByText(/^⚠ Cut off · /)
      .waitFor();
    await page.context().setOffline(false);
    await page
      .locator("main")
      .getByText(/^⚠ Cut off · /)
      .waitFor({ state: "detached" });
    await page.context().close();
  });

  it("is complete in Chinese and in bright colours, and without indicators for whom they are not", async () => {
    const page = await wall("li", { language: "zh-CN", theme: "bright" });
    await page.getByText("待派事件").waitFor();
    assert.equal(await page.locator("[data-area=indicators]").count(), 0);
    assert.deepEqual(await accessibilityProblems(page), []);
    assert.deepEqual(page.errors, []);
    await page.context().close();
  });
});
