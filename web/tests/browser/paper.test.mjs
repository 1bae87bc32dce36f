// What was written on paper is typed in a real browser against a real centre, by keys alone: a form that is right, one that is wrong,
// one that was in already, one that is typed while the centre is gone; and what the reviewer sees of them.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { accessibilityProblems, missing, signIn, startBrowser, startCentre } from "./harness.mjs";

const skip = missing();
const RUN = "261122-407";
const WAIT_MS = 60_000;
let browser;
let centre;
let zone;

/** The number of a form of the run, as ISO 7064 (MOD 97-10) has it. */
function numberOf(serial) {
  const number = Number(`${RUN.replace("-", "")}${String(serial).padStart(4, "0")}00`);
  return number + 98 - (number % 97);
}
const lastSix = (serial) => String(numberOf(serial)).slice(-6);
const printed = (serial) => {
  const digits = String(numberOf(serial));
  return `${RUN}-${digits.slice(9, 13)}-${digits.slice(13)}`;
};

// Work on paper began three hours ago and was over an hour ago; the calls rang in its second hour.
const NOW_MS = Date.now();
const ago = (minutes) => NOW_MS - minutes * 60_000;

function partsOf(at_ms) {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  });
  return Object.fromEntries(format.formatToParts(at_ms).map(({ type, value }) => [type, value]));
}
/** As it is typed into a field for times. */
const hhmm = (at_ms) => partsOf(at_ms).hour + partsOf(at_ms).minute;

async function typeInstant(page, label, at_ms, language) {
  const { year, month, day, hour, minute } = partsOf(at_ms);
  const date = language === "en" ? month + day + year : year + month + day;
  const group = page.getByRole("group", { name: label });
  await group.getByRole("spinbutton").first().focus();
  await page.keyboard.type(date + hour + minute);
}

const OUTAGE = { en: ["On paper from", "On paper until"], "zh-CN": ["纸质运行开始", "纸质运行结束"] };

async function open(name, { language = "en", theme = "dark", size = [1366, 768] } = {}) {
  const page = await signIn(browser, centre, name, { language, theme, size });
  page.setDefaultTimeout(WAIT_MS);
  await page.getByRole("button", { name: new RegExp(`^${name}`) }).waitFor();
  await page.keyboard.press("Alt+9");
  await page.locator("form [data-field=form] input").waitFor();
  await typeInstant(page, OUTAGE[language][0], ago(180), language);
  await typeInstant(page, OUTAGE[language][1], ago(60), language);
  const run = page.getByPlaceholder(RUN);
  await run.fill(RUN);
  return page;
}

const field = (page, id) => page.locator(`form [data-field="${id}"]`).locator("input, select").first();
const said = (page, id) => page.locator(`form [data-field="${id}"]`);

/** Goes on with Enter, as one who types from a pile does; asks that the focus is where it must be. */
async function type(page, texts) {
  for (const [id, text] of texts) {
    await page.waitForFunction(
      (wanted) => document.activeElement?.closest("[data-field]")?.getAttribute("data-field") === wanted,
      id,
      { timeout: WAIT_MS },
    );
    if (id === "place") {
      await page.keyboard.type(text);
      // What was found must belong to all that stands there.
      await page.locator("form [data-field=place]", { hasText: "Enter takes it" }).waitFor({ timeout: WAIT_MS });
      await page.keyboard.press("Enter");
      await page.locator("form [data-field=place]", { hasText: "◉" }).waitFor({ timeout: WAIT_MS });
    } else if (text) await page.keyboard.type(text);
    await page.keyboard.press("Enter");
  }
}

/** A whole form from its number to the end of its first unit. */
function formOf(serial, rang) {
  const at = (minutes) => hhmm(ago(rang - minutes));
  return [
    ["form", lastSix(serial)],
    ["rang", at(0)],
    ["answered", at(0)],
    ["seat", "C2"],
    ["number", "13800001234"],
    ["name", "Lu"],
    ["located", at(1)],
    ["place", "East Street 1"],
    ["district", ""],
    ["remarks", "fell from a ladder"],
    ["recognised", ""],
    ["compressions", ""],
    ["priority", "2"],
    ["decided", at(2)],
    ["wanted", ""],
    ["needs", "1"],
    ["without", ""],
    ["sameAs", ""],
    ["short", ""],
    ["whyShort", ""],
    ["units.0.unit", "u1"],
    ["units.0.sent", at(3)],
    ["units.0.notified", ""],
    ["units.0.acknowledged", at(4)],
    ["units.0.departed", at(5)],
    ["units.0.on_scene", at(12)],
    ["units.0.at_patient", ""],
    ["units.0.left_scene", at(20)],
    ["units.0.hospital", "hosp"],
    ["units.0.at_hospital", at(30)],
  ];
}

const told = (page, text) => page.locator("form [role=status]", { hasText: text }).waitFor({ timeout: WAIT_MS });
const entered = (page, serial) => page.getByRole("option", { name: printed(serial) });

async function formInCentre(serial) {
  const taker = await centre.person("wang");
  return (await taker.get(`/calls?form=${numberOf(serial)}`)).items[0];
}

describe("paper forms", { skip }, () => {
  before(async () => {
    browser = await startBrowser();
    centre = await startCentre();
    zone = (await (await centre.person("wang")).get("/centre")).time_zone;
  });
  after(async () => {
    await browser?.close();
    await centre?.remove();
  });

  it("are entered by keys: what is right is in, with its own times", async () => {
    const page = await open("wang");
    assert.deepEqual(await accessibilityProblems(page), []);
    await field(page, "form").focus();
    await type(page, formOf(1, 110));
    await page.keyboard.press("Control+Enter");
    await told(page, printed(1));
    await entered(page, 1).waitFor({ timeout: WAIT_MS });
    const call = await formInCentre(1);
    assert.equal(call.state, "triaged");
    assert.equal(call.offered_at.slice(0, 16), new Date(ago(110)).toISOString().slice(0, 16));
    const { items } = await (await centre.person("wang")).get(`/missions?incident=${call.incident}`);
    assert.deepEqual(
      items.map((one) => [one.unit_code, one.facility_code, one.state]),
      [["u1", "hospital", "ended"]],
    );
    assert.equal(items[0].on_scene_at.slice(0, 16), new Date(ago(98)).toISOString().slice(0, 16));
    // The next form begins, with the seat of this one; it is put aside, and taken up again.
    assert.equal(await field(page, "rang").inputValue(), "");
    assert.notEqual(await field(page, "seat").inputValue(), "");
    await field(page, "rang").fill("1402");
    await page.keyboard.press("Alt+p");
    const aside = page.getByRole("button", { name: "Go on with it" });
    await aside.waitFor();
    assert.equal(await field(page, "rang").inputValue(), "");
    await aside.click();
    assert.equal((await field(page, "rang").inputValue()).replace(":", ""), "1402");
    assert.deepEqual(page.errors, []);
    await page.context().close();
  });

  it("tell what is wrong where it stands, in words: typing errors, an entered form, a unit that was elsewhere", async () => {
    const page = await open("chen");
    const mistyped = `${lastSix(2).slice(0, 5)}${(Number(lastSix(2)[5]) + 1) % 10}`;
    const typed = { form: mistyped, rang: 108, "units.0.unit": "u1", "units.0.sent": 105, "units.0.departed": 103 };
    for (const [id, value] of Object.entries({ ...typed, "units.0.on_scene": 107 }))
      await field(page, id).fill(typeof value === "number" ? hhmm(ago(value)) : value);
    await field(page, "priority").focus();
    await page.keyboard.press("2");
    await field(page, "place").focus();
    await type(page, [["place", "East Street 1"]]);
    await said(page, "form").getByText("a digit is mistyped").waitFor();
    await said(page, "units.0.on_scene").getByText("Earlier than “Departed”").waitFor();
    await page.keyboard.press("Control+Enter");
    // Leads to the first that is wrong.
    await page.waitForFunction(() => document.activeElement?.closest("[data-field]")?.dataset.field === "form");
    assert.equal(await formInCentre(2), undefined);
    // The number of a form that is in: told at once, with the call and the time.
    await field(page, "form").fill(lastSix(1));
    const before = await formInCentre(1);
    await said(page, "form").getByText(`Entered already: call ${before.id}`).waitFor({ timeout: WAIT_MS });
    await said(page, "form").getByText("by wang").waitFor();
    // The unit was with the patient of the first form: the centre says so.
    await field(page, "form").fill(lastSix(2));
    await field(page, "units.0.on_scene").fill(hhmm(ago(96)));
    await page.keyboard.press("Control+Enter");
    await said(page, "units.0.unit").getByText("another mission at that time").waitFor({ timeout: WAIT_MS });
    assert.deepEqual(await accessibilityProblems(page), []);
    await field(page, "units.0.unit").fill("u2");
    await page.keyboard.press("Control+Enter");
    await told(page, printed(2));
    assert.ok(await formInCentre(2));
    // A refusal is told by the browser as well, as of any request.
    assert.deepEqual(
      page.errors.filter((line) => !line.includes("409")),
      [],
    );
    await page.context().close();
  });

  it("wait while the centre is gone, and go when it is there again; the page at 200 %, in Chinese", async () => {
    const page = await open("wang", { language: "zh-CN", theme: "bright", size: [683, 384] });
    await field(page, "form").focus();
    await page.keyboard.type(lastSix(3));
    await page.keyboard.press("Enter");
    await page.keyboard.type(hhmm(ago(90)));
    // The tab is loaded anew: what was typed stands there still.
    await page.reload();
    await field(page, "rang").waitFor();
    assert.equal(await field(page, "form").inputValue(), lastSix(3));
    await field(page, "without").focus();
    await page.keyboard.press("1");
    assert.deepEqual(await accessibilityProblems(page), []);
    await centre.kill("SIGKILL");
    await page.getByRole("alert").first().waitFor({ timeout: WAIT_MS });
    await page.keyboard.press("Control+Enter");
    await told(page, printed(3));
    const waits = page.getByText("等待系统恢复");
    await waits.waitFor({ timeout: WAIT_MS });
    await centre.start(centre.port);
    await waits.waitFor({ state: "detached", timeout: WAIT_MS });
    await entered(page, 3).waitFor({ timeout: WAIT_MS });
    const call = await formInCentre(3);
    assert.deepEqual([call.state, call.outcome], ["closed", "advice"]);
    assert.deepEqual(await accessibilityProblems(page), []);
    await page.context().close();
  });

  it("are marked where cases are reviewed, can be chosen, and are told by their own times", async () => {
    const reviewer = await centre.person("review");
    for (let tries = 0; (await reviewer.get("/indicators")).calls.afterwards < 3; tries += 1) {
      assert.ok(tries < 600, "the reports never had the forms");
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const page = await signIn(browser, centre, "review", { size: [1366, 768] });
    page.setDefaultTimeout(WAIT_MS);
    const week = "period=week&figure=i.answered_10s";
    await page.goto(`${centre.url}/console/review?${week}&tab=calls`);
    await page.getByText("entered from paper afterwards").first().waitFor({ timeout: WAIT_MS });
    const calls = page.locator("[role=tabpanel] [role=listbox]");
    await calls.getByText("Entered afterwards").first().waitFor({ timeout: WAIT_MS });
    await page.getByRole("checkbox", { name: "Only those entered afterwards" }).focus();
    await page.keyboard.press("Space");
    assert.equal(await calls.getByRole("option").count(), await calls.getByText("Entered afterwards").count());
    assert.deepEqual(await accessibilityProblems(page), []);
    const { incident } = await formInCentre(1);
    await page.goto(`${centre.url}/console/review?${week}&tab=story&incident=${incident}`);
    const steps = page.locator("[role=tabpanel] ol > li");
    await steps.first().waitFor({ timeout: WAIT_MS });
    const story = await page.locator("[role=tabpanel]").innerText();
    assert.match(story, /Entered afterwards/);
    // Rang, answered, located, opened; sent and five stages of the unit; entered.
    assert.equal(await steps.count(), 11);
    const shown = partsOf(ago(98));
    await steps.getByText(`${shown.hour}:${shown.minute}:00`).first().waitFor();
    assert.ok(!story.includes("13800001234"));
    await page.context().close();
  });
});
