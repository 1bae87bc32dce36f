// The call-taker's screen in a real browser against a real centre: the keys that people press, what the centre then holds.
import assert from "node:assert/strict";
import { mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { accessibilityProblems, missing, signIn, startBrowser, startCentre } from "./harness.mjs";

const STORY =
  "EXERCISE. My father fell down. He does not react and only gasps. I am at East Street 1, lon 11.96800, lat 57.70200." +
  " (Meant: arrest, critical.)";
const skip = missing();
let browser;
let centre;

const stored = (page) => page.evaluate(() => new URLSearchParams(location.search).get("call"));
const opened = (page, id) =>
  page.waitForFunction((wanted) => new URLSearchParams(location.search).get("call") === String(wanted), id);
const ring = async (taker, fields = {}) =>
  (await taker.post("/calls", { number: "000-1", remarks: STORY, ...fields })).made;

/** Polls the centre until the call is as wanted. */
async function until(client, path, fits) {
  for (let tries = 0; tries < 300; tries += 1) {
    const entity = await client.get(path);
    if (fits(entity)) return entity;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`never came: ${path} ${fits}`);
}

/** A window in which the person has a seat, so that keys do what they say. */
async function seated(name, options) {
  const page = await signIn(browser, centre, name, options);
  await page.getByText(/You sit at C|您在 C/).waitFor();
  return page;
}

/** Answers the call that rings and takes the place that the caller names. */
async function answerAndLocate(page, id) {
  await page.getByRole("button", { name: "Answer next" }).first().waitFor();
  await page.waitForFunction(() => document.querySelector("[role=option]"));
  await page.keyboard.press("Enter");
  await opened(page, id);
  await page.getByText("The caller says to be here").waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Change", exact: true }).waitFor();
}

/** As a person does it: when the answers show that they may be given. */
async function answer(page, key) {
  await page.locator("[role=group][data-open]").waitFor();
  await page.keyboard.press(key);
}

/** By a finger that bounces: 80 ms lie between, whatever this machine is doing. */
async function pressTwice(page, key) {
  const devices = await page.context().newCDPSession(page);
  const now_s = Date.now() / 1000;
  const code = `Digit${key}`;
  const event = (type, after_s) =>
    devices.send("Input.dispatchKeyEvent", {
      type,
      key,
      code,
      windowsVirtualKeyCode: key.charCodeAt(0),
      timestamp: now_s + after_s,
    });
  await Promise.all([event("keyDown", 0), event("keyUp", 0.04), event("keyDown", 0.08), event("keyUp", 0.12)]);
  await devices.detach();
}

/** What a case has left, whether it went well or not: windows, callers on the line, incidents. */
async function clearUp() {
  for (const context of browser.contexts()) await context.close();
  const chief = await centre.person("chen");
  const taker = await centre.person("wang");
  for (const { id, state } of (await chief.get("/calls?open=true&limit=500")).items) {
    if (state === "offered") await taker.command("call_abandon", { call: id });
    else if (["answered", "located"].includes(state))
      await taker.command("call_close", { call: id, outcome: "advice" });
  }
  for (const { id } of (await chief.get("/incidents?open=true&limit=500")).items)
    await chief.command("incident_cancel", { incident: id });
}

async function choose(page, words) {
  await page.keyboard.type(words);
  await page.keyboard.press("Enter");
  await page.getByRole("group", { name: "Answers" }).waitFor();
}

describe("answer", { skip, concurrency: false, timeout: 300_000 }, () => {
  before(async () => {
    centre = await startCentre();
    browser = await startBrowser();
    await centre.startShifts();
  });
  after(async () => {
    await browser?.close();
    await centre?.remove();
  });
  afterEach(clearUp);

  it("goes from the ring to the ambulance by keys alone", async () => {
    const page = await seated("wang");
    const taker = await centre.person("wang");
    const id = await ring(taker);
    await answerAndLocate(page, id);
    assert.equal((await taker.get(`/calls/${id}`)).seat, 1);

    await choose(page, "a");
    await answer(page, "1");
    await page.getByText("Look at the chest").waitFor();
    await until(taker, `/calls/${id}`, (call) => call.triage?.step === 2);
    await answer(page, "1");
    await page.getByText("110").first().waitFor({ state: "attached" });
    const call = await until(taker, `/calls/${id}`, (one) => one.triage?.marks.includes("arrest_recognised"));
    assert.equal(call.triage.priority, "critical");

    await page.keyboard.press("F8");
    const { incident } = await until(taker, `/calls/${id}`, (one) => one.state === "triaged");
    assert.equal((await taker.get(`/incidents/${incident}`)).priority, "critical");

    const dispatcher = await centre.person("li");
    await until(dispatcher, `/incidents/${incident}`, (one) => one.state === "recommended");
    await dispatcher.command("unit_assign", { incident, unit: 1, override: "local_knowledge" });
    await page.getByText("The ambulance is on its way").waitFor();

    // Questions go on after the hand-over, and the next call is one key away.
    await answer(page, "1");
    await until(taker, `/calls/${id}`, (one) => one.triage.marks.includes("compressions_begun"));
    await page.getByText("Compressions").first().waitFor();

    // Neither a reload nor a look at another screen takes the caller away, who is on the line all the same.
    await page.goto(`${centre.url}/console/answer`);
    await opened(page, id);
    await page.getByRole("group", { name: "Answers" }).waitFor();
    assert.equal(await page.getByRole("list", { name: "Answers so far" }).getByRole("listitem").count(), 4);
    const elsewhere = await signIn(browser, centre, "qian");
    await elsewhere.goto(`${centre.url}/console/answer?call=${id}`);
    const history = elsewhere.getByRole("list", { name: "Answers so far" });
    await history.getByText("No, or only gasps: adult").waitFor();
    assert.equal(await history.getByRole("listitem").count(), 4);
    await elsewhere.context().close();

    await page.keyboard.press("Enter");
    await page.waitForFunction(() => !location.search.includes("call="));
    assert.deepEqual(page.errors, []);
    await page.context().close();
  });

  it("answers one question when a key is pressed twice, and takes an answer back", async () => {
    const page = await seated("wang");
    const taker = await centre.person("wang");
    const id = await ring(taker);
    await answerAndLocate(page, id);
    await choose(page, "chest pain");
    await page.locator("[role=group][data-open]").waitFor();
    await pressTwice(page, "2");
    await page.getByText("Not answered: the question had only just appeared.").waitFor();
    const { revision } = await until(taker, `/calls/${id}`, (call) => call.triage?.answered === 1);
    await page.keyboard.press("Backspace");
    await until(taker, `/calls/${id}`, (call) => call.triage?.answered === 0);

    // Who knows at once that it was wrong does not wait for the centre.
    await answer(page, "2");
    await page.keyboard.press("Backspace");
    await until(taker, `/calls/${id}`, (call) => call.triage?.answered === 0 && call.revision >= revision + 3);

    await page.keyboard.press("0");
    await page.getByText("Look at the chest").waitFor();
    const call = await until(taker, `/calls/${id}`, (one) => one.triage?.protocol === 1);
    assert.equal(call.triage.step, 2);

    await page.keyboard.press("F9");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("2");
    const closed = await until(taker, `/calls/${id}`, (one) => one.state === "closed");
    assert.equal(closed.outcome, "no_emergency");
    assert.deepEqual(page.errors, []);
    await page.context().close();
  });

  it("takes a call down that the exchange does not know, and mutes the ring for one person", async () => {
    const page = await seated("wang");
    const taker = await centre.person("wang");
    await page.getByRole("button", { name: "Ring sound on" }).waitFor();
    await page.keyboard.press("Alt+m");
    await page.getByRole("button", { name: "Ring sound off" }).waitFor();
    await page.reload();
    await page.getByRole("button", { name: "Ring sound off" }).waitFor();

    await page.getByText(/You sit at C/).waitFor();
    await page.keyboard.press("Alt+n");
    await page.getByRole("dialog").getByLabel("Remarks").fill("At the door");
    assert.deepEqual(await accessibilityProblems(page), []);
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => location.search.includes("call="));
    const id = Number(await stored(page));
    const call = await until(taker, `/calls/${id}`, (one) => one.state === "answered");
    assert.ok(call.seat > 0 && call.has_caller);
    await page.waitForFunction(() => document.activeElement?.tagName === "INPUT");
    const remarks = page.getByRole("textbox", { name: "Remarks" });
    assert.equal(await remarks.inputValue(), "At the door");
    await page.keyboard.press("Alt+r");
    await page.keyboard.type(", alone");
    assert.equal(await remarks.inputValue(), "At the door, alone");
    await taker.command("call_close", { call: id, outcome: "no_emergency" });
    await page.context().close();
  });

  it("offers what happens near by as the same event", async () => {
    const taker = await centre.person("wang");
    const remarks = "EXERCISE. He lies there. I am at North Street 1, lon 11.96400, lat 57.70600.";
    const first = await ring(taker);
    await taker.command("call_answer", { call: first, seat: 1 });
    await taker.command("call_locate", { call: first, point: { lon: 11.9641, lat: 57.706 } });
    const needs = ["basic"];
    const { made: incident } = await taker.command("call_triage", {
      call: first,
      needs,
      priority: "urgent",
      units_wanted: 1,
    });

    const page = await seated("wang");
    const id = await ring(taker, { remarks });
    await answerAndLocate(page, id);
    await page.getByText(`Incident ${incident}`).first().waitFor();
    await page.keyboard.press("Alt+q");
    assert.equal((await taker.get(`/calls/${id}`)).state, "located");
    await page.getByText("Press again to link").waitFor();
    await page.keyboard.press("Alt+q");
    const call = await until(taker, `/calls/${id}`, (one) => one.state === "linked");
    assert.equal(call.incident, incident);
    await page.getByText("Who is going").waitFor();
    await page.context().close();
  });

  it("finds places as they are typed, and remarks are stored", async () => {
    const page = await seated("wang");
    const taker = await centre.person("wang");
    const id = await ring(taker, { remarks: "third floor" });
    await page.waitForFunction(() => document.querySelector("[role=option]"));
    await page.keyboard.press("F2");
    await opened(page, id);
    const field = page.getByRole("combobox", { name: "Find the place" });
    await field.fill("north street 2");
    await page
      .getByRole("option", { name: /North Street 2/ })
      .first()
      .waitFor();
    await field.press("Enter");
    await page.getByRole("button", { name: "Change", exact: true }).waitFor();
    const { point } = await until(taker, `/calls/${id}`, (call) => call.state === "located");
    assert.ok(Math.abs(point.lon - 11.968) < 0.0005, `${point.lon}`);

    await page.getByLabel("Remarks").fill("third floor, the bell is broken");
    await page.getByLabel("Name").focus();
    await until(taker, `/calls/${id}/caller`, (caller) => caller.remarks === "third floor, the bell is broken");
    await taker.command("call_close", { call: id, outcome: "advice" });
    await page.context().close();
  });

  it("stands two hundred waiting calls, and one key takes the one that has waited longest", async () => {
    const page = await seated("wang");
    const taker = await centre.person("wang");
    const ids = [];
    for (let i = 0; i < 200; i += 1) ids.push(await ring(taker));
    await page.waitForFunction(() => document.querySelector("[role=option]")?.getAttribute("aria-setsize") === "200");
    assert.ok((await page.locator("[role=option]").count()) < 60);
    await page.keyboard.press("Enter");
    await opened(page, ids[0]);
    assert.equal(await stored(page), String(ids[0]));
    assert.deepEqual(await accessibilityProblems(page), []);
    for (const call of ids) {
      if (call !== ids[0]) await taker.command("call_abandon", { call });
    }
    assert.deepEqual(page.errors, []);
    await page.context().close();
  });

  for (const language of ["en", "zh-CN"]) {
    for (const theme of ["dark", "bright"]) {
      it(`has no barrier that axe finds: ${language}, ${theme}`, async () => {
        const page = await seated("qian", { language, theme, guide: true });
        const taker = await centre.person("qian");
        assert.deepEqual(await accessibilityProblems(page), []);
        const id = await ring(taker);
        await page.locator("button:enabled", { hasText: "F2" }).waitFor();
        await page.keyboard.press("F2");
        await opened(page, id);
        await page.getByText("East Street 1").first().waitFor();
        await page.keyboard.press("Enter");
        await until(taker, `/calls/${id}`, (call) => call.state === "located");
        await page.waitForFunction(() => document.activeElement?.matches("input"));
        assert.deepEqual(await accessibilityProblems(page), []);
        await page.keyboard.press("0");
        await until(taker, `/calls/${id}`, (call) => call.triage !== null);
        await answer(page, "1");
        await until(taker, `/calls/${id}`, (call) => call.triage.answered === 1);
        assert.deepEqual(await accessibilityProblems(page), []);
        await taker.command("call_close", { call: id, outcome: "advice" });
        assert.deepEqual(page.errors, []);
        await page.context().close();
      });
    }
  }
});

describe("answer without protocols", { skip, timeout: 120_000 }, () => {
  it("says why, and goes on by hand", async () => {
    const empty = mkdtempSync(join(tmpdir(), "mingdi-none-"));
    const bare = await startCentre({ protocols: empty });
    const window = await startBrowser();
    try {
      const page = await signIn(window, bare, "wang");
      const taker = await bare.person("wang");
      await page.getByText("You sit at C1").waitFor();
      const id = await ring(taker);
      await page.waitForFunction(() => document.querySelector("[role=option]"));
      await page.keyboard.press("Enter");
      await opened(page, id);
      await page.getByText("The caller says to be here").waitFor();
      await page.keyboard.press("Enter");
      await page.getByText(/Decide by hand/).waitFor();
      await page.keyboard.press("Shift+F2");
      await until(taker, `/calls/${id}`, (call) => call.state === "located");
      await page.keyboard.press("F8");
      const { incident } = await until(taker, `/calls/${id}`, (call) => call.state === "triaged");
      assert.equal((await taker.get(`/incidents/${incident}`)).priority, "severe");
    } finally {
      await window.close();
      await bare.remove();
      rmdirSync(empty);
    }
  });
});
