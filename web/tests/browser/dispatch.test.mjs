// The dispatcher's screen in a real browser against a real centre: what keys, buttons and lines do there, and what the centre
// then holds.
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { accessibilityProblems, missing, signIn, startBrowser, startCentre } from "./harness.mjs";

const skip = missing();
const PLACE = { lon: 11.9681, lat: 57.702 };
let browser;
let centre;
let taker;
let boss;

/** Polls the centre until it is as wanted. */
async function until(client, path, fits) {
  for (let tries = 0; tries < 300; tries += 1) {
    const entity = await client.get(path);
    if (fits(entity)) return entity;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`never came: ${path} ${fits}`);
}

async function open(fields = {}) {
  const { made: call } = await taker.post("/calls", { number: "000-1" });
  await taker.command("call_answer", { call, seat: 1 });
  await taker.command("call_locate", { call, point: PLACE });
  const told = { needs: ["basic"], priority: "severe", units_wanted: 1, ...fields };
  return (await taker.command("call_triage", { call, ...told })).made;
}

async function openRecommended(fields) {
  const id = await open(fields);
  return until(boss, `/incidents/${id}`, (one) => one.state === "recommended");
}

async function closeAll() {
  const { items } = await boss.get("/incidents?open=true&limit=500");
  for (const { id } of items) await boss.command("incident_cancel", { incident: id });
}

/** A dispatcher's window that shows the incident. */
async function desk(name, incident, options) {
  const page = await signIn(browser, centre, name, options);
  await page.getByRole("option").first().waitFor();
  if (incident !== undefined) await line(page, `goto ${incident}`);
  return page;
}

async function line(page, text) {
  await page.keyboard.press(":");
  await page.waitForFunction(() => document.activeElement?.matches("input"));
  await page.keyboard.type(text);
  await page.keyboard.press("Enter");
}

/** Refusals are written into the browser's console by the browser itself. */
const done = async (page, ...refusals) => {
  const expected = (error) => refusals.some((status) => error.includes(`status of ${status}`));
  assert.deepEqual(
    page.errors.filter((error) => !expected(error)),
    [],
  );
  await page.context().close();
};

describe("dispatch", { skip, concurrency: false, timeout: 300_000 }, () => {
  before(async () => {
    centre = await startCentre();
    browser = await startBrowser();
    await centre.startShifts();
    taker = await centre.person("wang");
    boss = await centre.person("chen");
  });
  after(async () => {
    await browser?.close();
    await centre?.remove();
  });
  beforeEach(closeAll);

  it("takes a desk, and sends the first of the recommendation with one key", async () => {
    const { id, recommended } = await openRecommended();
    const page = await desk("li");
    await page.getByRole("button", { name: /Desk D1 is yours/ }).waitFor();
    await page
      .getByRole("button", { name: /^Send u/ })
      .first()
      .waitFor();
    await page.keyboard.press("Enter");
    const { missions } = await until(boss, `/incidents/${id}`, (one) => one.state === "served");
    assert.deepEqual(
      missions.map(({ unit }) => unit),
      [recommended[0]],
    );
    await page.getByText("Every unit that is wanted has been sent.").waitFor();
    await done(page);
  });

  it("asks why, when it is another", async () => {
    const { id, recommended } = await openRecommended();
    const page = await desk("li", id);
    await page.getByText("first by the rules").waitFor();
    await page.keyboard.press("2");
    await page.getByRole("dialog", { name: "Why not as recommended?" }).waitFor();
    assert.equal((await boss.get(`/incidents/${id}`)).state, "recommended");
    await page.keyboard.press("1");
    const { missions } = await until(boss, `/incidents/${id}`, (one) => one.state === "served");
    assert.equal(missions[0].unit, recommended[1]);
    await done(page);
  });

  it("shows two dispatchers each other's hands, and who was first", async () => {
    const { id, recommended } = await openRecommended();
    const page = await desk("li", id);
    const other = await desk("zhao", id);
    await page.getByText("At work on it: zhao").waitFor();
    await other.getByText("At work on it: li").waitFor();
    await other.getByText("first by the rules").waitFor();
    await other.keyboard.press("a");
    await until(boss, `/incidents/${id}`, (one) => one.state === "served");
    await line(page, `send ${recommended[1] === 3 ? "u3" : `u${recommended[1]}`} to ${id}`);
    const note = page.getByRole("alert").filter({ hasText: "not done" });
    await note.waitFor();
    assert.match(await note.textContent(), /zhao was first/);
    await page.keyboard.press("Escape");
    await note.waitFor({ state: "detached" });
    await done(page, 409);
    await done(other);
  });

  it("does by its line what buttons do, and says what is wrong with a line", async () => {
    const { id } = await openRecommended();
    const page = await desk("li", id);
    await line(page, `priority ${id} critical`);
    await until(boss, `/incidents/${id}`, (one) => one.priority === "critical");
    await page.getByText("Critical").first().waitFor();
    await line(page, "add 2 advanced");
    const more = await until(boss, `/incidents/${id}`, (one) => one.units_wanted === 3);
    assert.deepEqual(more.needs, ["basic", "advanced"]);
    await line(page, "sned u1");
    await page.getByText("“sned” is no command.").waitFor();
    await page.keyboard.press("Escape");
    await line(page, "取消");
    await until(boss, `/incidents/${id}`, (one) => one.state === "closed");
    await page
      .getByRole("option")
      .filter({ hasText: `#${id}` })
      .waitFor({ state: "detached" });
    await line(page, "help");
    await page.getByRole("dialog", { name: "Command line" }).waitFor();
    await done(page);
  });

  it("completes with Tab and brings lines back with the arrow", async () => {
    const { id } = await openRecommended();
    const page = await desk("li", id);
    const input = page.getByRole("textbox", { name: "Command line" });
    await page.keyboard.press(":");
    await page.keyboard.type("prio");
    await page.keyboard.press("Tab");
    assert.equal(await input.inputValue(), "priority ");
    await page.keyboard.type("urg");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await until(boss, `/incidents/${id}`, (one) => one.priority === "urgent");
    await page.keyboard.press(":");
    await page.keyboard.press("ArrowUp");
    assert.equal(await input.inputValue(), "priority urgent");
    await done(page);
  });

  it("stands a unit down, swaps one, cancels", async () => {
    const { id } = await openRecommended();
    await boss.command("unit_assign", { incident: id, unit: 1, override: "coverage" });
    const page = await desk("li", id);
    await page.getByRole("toolbar").getByRole("button", { name: "Swap" }).waitFor();
    await page.keyboard.press("w");
    await page.keyboard.type("u2");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog", { name: "Why not as recommended?" }).waitFor();
    await page.keyboard.press("2");
    const swapped = await until(
      boss,
      `/incidents/${id}`,
      (one) => one.missions.length === 1 && one.missions[0].unit === 2,
    );
    assert.equal(swapped.units_wanted, 1);
    assert.equal((await boss.get("/units/1")).mission, null);

    await page.getByRole("button", { name: /u2/ }).first().waitFor();
    await page.keyboard.press("x");
    await page.getByRole("dialog", { name: "Stand u2 down?" }).waitFor();
    await page.keyboard.press("1");
    await until(boss, `/incidents/${id}`, (one) => one.missions.length === 0 && one.state !== "closed");

    await page.keyboard.press("c");
    await page.getByRole("dialog", { name: /Cancel/ }).waitFor();
    await page.keyboard.press("y");
    await until(boss, `/incidents/${id}`, (one) => one.state === "closed");
    await done(page, 412);
  });

  it("chooses the hospital when the crew asks, and talks with the crew", async () => {
    const { id } = await openRecommended();
    const { made: mission } = await boss.command("unit_assign", { incident: id, unit: 1, override: "coverage" });
    const crew = await centre.person("crew1");
    for (const stage of ["notify", "acknowledge", "depart", "arrive", "reach_patient"])
      await crew.command("mission_report", { mission, stage });
    const page = await desk("li", id);
    await crew.post("/messages", { unit: 1, text: "Door code?" });
    await page.keyboard.press("v");
    await page.getByText("Door code?").waitFor();
    await page.getByRole("button", { name: "Read", exact: true }).click();
    await page.getByText(/^read \d/).waitFor();
    await line(page, "msg u1 Code 1912");
    await page.getByText("Code 1912").waitFor();

    await crew.command("transport_request", {
      mission,
      needs: ["stroke"],
      bed_kind: "emergency",
      tier_min: "community",
    });
    await page.getByRole("heading", { name: "Destination for u1" }).waitFor();
    await page.keyboard.press("d");
    const chosen = await until(boss, `/missions/${mission}`, (one) => one.facility !== null);
    assert.equal(chosen.facility, 1);
    await page
      .getByText(/to Hospital/)
      .first()
      .waitFor();
    await done(page);
  });

  it("stays quick with two hundred that wait: only what is seen is drawn", async () => {
    const first = await openRecommended();
    const page = await desk("li", first.id);
    for (let count = 0; count < 199; count += 1) await open({ priority: count % 2 ? "urgent" : "non_urgent" });
    await page.getByText("200 to decide of 200").waitFor({ timeout: 60_000 });
    const list = page.getByRole("listbox", { name: "Incidents" });
    assert.ok((await list.getByRole("option").count()) < 40);
    await list.focus();
    await page.keyboard.press("End");
    const last = list.locator("[aria-posinset='200']");
    await last.waitFor();
    assert.equal(await last.getAttribute("aria-selected"), "true");
    assert.match(await last.textContent(), /#\d+/);
    await done(page);
  });

  it("has no barrier that axe finds, in both languages and themes", async () => {
    const { id } = await openRecommended();
    await open({ priority: "critical", units_wanted: 2 });
    for (const options of [
      { language: "en", theme: "dark" },
      { language: "zh-CN", theme: "bright", size: [1920, 1080] },
    ]) {
      const page = await desk("li", id, { ...options, guide: true });
      await page.getByRole("button", { name: /1/ }).first().waitFor();
      assert.deepEqual(await accessibilityProblems(page), []);
      await page.keyboard.press("p");
      await page.getByRole("dialog").waitFor();
      assert.deepEqual(await accessibilityProblems(page), []);
      await done(page);
    }
  });
});
