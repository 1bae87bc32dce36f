// The crew's phone in a real browser against a real centre: gloves, a pocket, no network, a page that is loaded anew without it.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { accessibilityProblems, missing, signIn, startBrowser, startCentre, watchHeld } from "./harness.mjs";

const skip = missing();
const PHONE = { size: [390, 844] };
let browser;
let centre;
let taker;
let dispatcher;
let reviewer;

/** Polls until it is so. */
async function until(ask, fits) {
  for (let tries = 0; tries < 300; tries += 1) {
    const answer = await ask();
    if (fits(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`never came: ${fits}`);
}

/** A call, from the ring to the order for this unit, which is free of what it did before. */
async function order(unit) {
  const { items } = await dispatcher.get(`/missions?open=true&unit=${unit}`);
  for (const one of items) await dispatcher.command("mission_cancel", { mission: one.id, still_needed: 0 });
  const call = (await taker.post("/calls", { number: "000-1", remarks: "Third floor, the dog bites." })).made;
  await taker.command("call_answer", { call, seat: 1 });
  await taker.command("call_locate", { call, point: { lon: 11.968, lat: 57.702 } });
  const { made: incident } = await taker.command("call_triage", {
    call,
    needs: ["basic"],
    priority: "severe",
    units_wanted: 1,
  });
  await until(
    () => dispatcher.get(`/incidents/${incident}`),
    (one) => one.state === "recommended",
  );
  const { made: mission } = await dispatcher.command("unit_assign", { incident, unit, override: "local_knowledge" });
  return { call, incident, mission };
}

const big = (page, name) => page.getByRole("button", { name, exact: false }).and(page.locator("[class*=huge]"));

/** Held with a finger, as long as it needs; or only touched. */
async function hold(page, name, isTouched = false) {
  const button = big(page, name);
  await button.waitFor();
  const box = await button.boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  if (isTouched) return Promise.all([page.mouse.down(), page.mouse.up()]);
  const untilHeld = await watchHeld(page);
  await page.mouse.down();
  await untilHeld();
  await page.mouse.up();
}

async function phoneOf(name, options = PHONE) {
  const page = await signIn(browser, centre, name, options);
  await page.goto(`${centre.url}/console/crew`);
  const unit = name.slice(-1);
  const take = page.getByRole("button", { name: /in hand/ });
  await take
    .or(page.getByRole("navigation", { name: "Views" }))
    .first()
    .waitFor();
  if ((await take.count()) > 0) {
    await hold(page, /in hand/);
    await take.waitFor({ state: "detached" });
  }
  return { page, unit: Number(unit) };
}

const centreNow_ms = async () => Date.parse((await reviewer.get("/centre")).now);
const stateOf = async (mission) => (await dispatcher.get(`/missions/${mission}`)).state;

/** The stages that were reported of a mission, as the journal holds them. */
async function reports(mission) {
  const { items } = await reviewer.get("/entries?limit=500");
  return items
    .filter(({ command }) => command.command === "mission_report" && command.mission === mission)
    .map(({ command, occurred_at, entered_at }) => ({
      stage: command.stage,
      occurred_ms: Date.parse(occurred_at),
      entered_ms: Date.parse(entered_at),
    }));
}

const withoutNetworkNoise = (errors) =>
  errors.filter((text) => !/ERR_INTERNET_DISCONNECTED|WebSocket|40[39]/.test(text));

describe("crew", { skip, concurrency: false, timeout: 300_000 }, () => {
  before(async () => {
    centre = await startCentre();
    browser = await startBrowser();
    await centre.startShifts();
    taker = await centre.person("wang");
    dispatcher = await centre.person("li");
    reviewer = await centre.person("review");
  });
  after(async () => {
    await browser?.close();
    await centre?.remove();
  });

  it("can be installed", async () => {
    const { page } = await phoneOf("crew1");
    const worker = await page.evaluate(async () => (await navigator.serviceWorker.ready).scope);
    assert.equal(worker, `${centre.url}/console/crew`);
    const manifest = await page.evaluate(async () => {
      const { href } = document.querySelector("link[rel=manifest]");
      return (await fetch(href)).json();
    });
    assert.equal(manifest.display, "standalone");
    assert.equal(manifest.start_url, "/console/crew");
    assert.ok(manifest.name && manifest.short_name);
    const sizes = await page.evaluate(async (icons) => {
      const found = [];
      for (const { src, sizes, type } of icons.filter((icon) => icon.type === "image/png")) {
        const picture = await createImageBitmap(await (await fetch(src)).blob());
        found.push([sizes, `${picture.width}x${picture.height}`, type]);
      }
      return found;
    }, manifest.icons);
    for (const [said, is] of sizes) assert.equal(is, said);
    assert.ok(sizes.some(([said]) => said === "192x192") && sizes.some(([said]) => said === "512x512"));
    await page.context().close();
  });

  it("keeps what is pressed without network, over a reload, and sends it in order with its true time", async () => {
    const { page, unit } = await phoneOf("crew1");
    await page.evaluate(() => navigator.serviceWorker.ready);
    const { mission } = await order(unit);
    await big(page, "Order understood").waitFor();
    // The order has reached the vehicle, and the phone has said so.
    await until(
      () => stateOf(mission),
      (state) => state === "notified",
    );
    await page.context().setOffline(true);
    const pressed = [];
    const press = async (name, stage, next) => {
      const before_ms = await centreNow_ms();
      await hold(page, name);
      await big(page, next).waitFor();
      pressed.push({ stage, before_ms, after_ms: await centreNow_ms() });
    };
    await press("Order understood", "acknowledge", "Departed");
    await press("Departed", "depart", "On scene");
    await page.getByText("2 reports kept, will be sent").waitFor();

    await page.reload();
    await page.getByText("2 reports kept, will be sent").waitFor();
    await page.getByText("Without the centre.").waitFor();
    await page.getByText("Severe").waitFor();
    await press("On scene", "arrive", "At the patient");
    await page.getByText("3 reports kept, will be sent").waitFor();
    assert.equal(await stateOf(mission), "notified");

    const back_ms = await centreNow_ms();
    await page.context().setOffline(false);
    await until(
      () => stateOf(mission),
      (state) => state === "on_scene",
    );
    await page.getByText("will be sent").waitFor({ state: "detached" });
    const told = (await reports(mission)).slice(-3);
    assert.deepEqual(
      told.map((one) => one.stage),
      pressed.map((one) => one.stage),
    );
    told.forEach(({ occurred_ms, entered_ms }, place) => {
      const { before_ms, after_ms } = pressed[place];
      // The phone's clock may be off by the way of a message.
      assert.ok(occurred_ms >= before_ms - 500 && occurred_ms <= after_ms + 500, `${place}: pressed at ${occurred_ms}`);
      assert.ok(entered_ms >= back_ms, `${place}: entered before the network was back`);
    });
    assert.deepEqual(withoutNetworkNoise(page.errors), []);
    await page.context().close();
  });

  it("tells what was refused in the meantime, until it has been seen", async () => {
    const { page, unit } = await phoneOf("crew2");
    await page.evaluate(() => navigator.serviceWorker.ready);
    const { mission } = await order(unit);
    await big(page, "Order understood").waitFor();
    await page.context().setOffline(true);
    await hold(page, "Order understood");
    await big(page, "Departed").waitFor();
    await dispatcher.command("mission_cancel", { mission, still_needed: 0 });
    await page.context().setOffline(false);
    const refused = page.getByRole("alert").filter({ hasText: "Not taken: Order understood" });
    await refused.waitFor();
    assert.match(await refused.textContent(), /li was first/);
    await page.reload();
    await refused.waitFor();
    await refused.getByRole("button", { name: "Seen" }).click();
    await refused.waitFor({ state: "detached" });
    await page.reload();
    await page.getByRole("navigation", { name: "Views" }).waitFor();
    assert.equal(await refused.count(), 0);
    await page.context().close();
  });

  it("goes from the order to the handover with one button, and asks which hospital", async () => {
    const { page, unit } = await phoneOf("crew3");
    const { mission, call } = await order(unit);
    await hold(page, "Order understood", true);
    await page.getByText("Hold a little longer").waitFor();
    assert.notEqual(await stateOf(mission), "acknowledged");
    for (const name of ["Order understood", "Departed", "On scene", "At the patient"]) await hold(page, name);
    await hold(page, "Which hospital?");
    await page.locator("[class*=firstChoice]").click();
    await hold(page, "Left scene");
    await until(
      () => dispatcher.get(`/missions/${mission}`),
      (one) => one.state === "left_scene" && one.facility !== null,
    );
    await page.getByText(/^Reported .*: Left scene$/).waitFor();
    await page.getByRole("button", { name: "Pressed by mistake" }).click();
    await page.getByText("Told to the dispatcher").waitFor();
    const told = await until(
      () => dispatcher.get(`/messages?unit=${unit}`),
      ({ items }) => items.some((one) => !one.to_crew && one.incident !== null),
    );
    const { text } = await dispatcher.get(`/messages/${told.items.findLast((one) => !one.to_crew).id}/text`);
    assert.match(text, /^Pressed by mistake: “Left scene” at /);
    await page.getByRole("button", { name: "What the caller said" }).click();
    await page.getByText("Third floor, the dog bites.").waitFor();
    assert.ok(call > 0);
    await page.getByRole("button", { name: "Patient", exact: true }).click();
    await page
      .getByRole("button", { name: "Responds to voice" })
      .or(page.getByRole("button", { name: /voice/i }))
      .first()
      .click();
    await page.getByRole("button", { name: "Pulse: more" }).click();
    await page.getByRole("button", { name: "Tell the hospital" }).click();
    const { patient } = await until(
      () => dispatcher.get(`/missions/${mission}`),
      (one) => one.patient !== null,
    );
    assert.equal(patient.consciousness, "voice");
    assert.equal(patient.pulse, 80);
    assert.equal(patient.systolic, null);
    for (const name of ["At the hospital", "Patient handed over", "Available again"]) await hold(page, name);
    await until(
      () => stateOf(mission),
      (state) => state === "ended",
    );
    assert.deepEqual(withoutNetworkNoise(page.errors), []);
    await page.context().close();
  });

  it("tells where it is only when the person wants it so, and asks for more help", async () => {
    const { page, unit } = await phoneOf("crew3");
    await page.context().grantPermissions(["geolocation"]);
    await page.context().setGeolocation({ longitude: 11.966, latitude: 57.703, accuracy: 7 });
    const { incident } = await order(unit);
    await big(page, "Order understood").waitFor();
    const lonOf = async () => (await dispatcher.get(`/units/${unit}`)).position?.lon ?? null;
    assert.notEqual(await lonOf(), 11.966);
    await page.getByRole("button", { name: "Unit", exact: true }).click();
    await page.getByText("Report the position of this phone").click();
    await page.getByText("Reported, accurate to 7 m").waitFor();
    await until(lonOf, (lon) => lon === 11.966);
    await page.getByRole("button", { name: "Order", exact: true }).click();
    await page.getByRole("button", { name: "More help" }).click();
    await page.getByRole("button", { name: "How many more units: more" }).click();
    await page.getByRole("button", { name: "Physician" }).click();
    await hold(page, "Ask for 2 more units");
    const asked = await until(
      () => dispatcher.get(`/incidents/${incident}`),
      (one) => one.units_wanted === 3,
    );
    assert.ok(asked.needs.includes("physician"));
    await page.context().close();
  });

  it("hears the dispatcher, and says that it has read it", async () => {
    const { page, unit } = await phoneOf("crew3");
    const { made: message } = await dispatcher.post("/messages", { unit, text: "Use the back door." });
    const fresh = page.getByRole("alert").filter({ hasText: "Use the back door." });
    await fresh.waitFor();
    await fresh.getByRole("button", { name: "Understood" }).click();
    await until(
      () => dispatcher.get(`/messages/${message}`),
      (one) => one.read_at !== null,
    );
    await until(
      () => dispatcher.get(`/messages?unit=${unit}`),
      ({ items }) => items.some((one) => !one.to_crew),
    );
    await page.context().close();
  });

  it("forgets the order when the person signs out", async () => {
    const { page, unit } = await phoneOf("crew1");
    const { mission } = await order(unit);
    await big(page, "Order understood").waitFor();
    const known = () =>
      page.evaluate(
        () =>
          new Promise((resolve) => {
            const opening = indexedDB.open("mingdi.crew");
            opening.onsuccess = () => {
              const asked = opening.result.transaction("known").objectStore("known").getAll();
              asked.onsuccess = () => {
                opening.result.close();
                resolve(JSON.stringify(asked.result));
              };
            };
          }),
      );
    await until(known, (text) => text.includes(`"id":${mission},`));
    assert.doesNotMatch(await known(), /000-1|dog/);
    await page.getByRole("button", { name: /crew1/ }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.locator("input[type=password]").waitFor();
    await until(known, (text) => text === "[]");
    await page.context().close();
  });

  for (const [width, height] of [
    [390, 844],
    [360, 640],
    [844, 390],
    [640, 360],
  ]) {
    it(`stands under the thumb at ${width}x${height}, in both languages`, async () => {
      for (const language of ["en", "zh-CN"]) {
        const page = await signIn(browser, centre, "crew2", { size: [width, height], language });
        await page.goto(`${centre.url}/console/crew`);
        await order(2);
        const button = page.locator("[class*=huge]");
        await button.waitFor();
        const box = await button.boundingBox();
        assert.ok(box.height >= 88, `${box.height} px high`);
        assert.ok(box.y >= 0 && box.y + box.height <= height && box.x >= 0 && box.x + box.width <= width, "in sight");
        for (const tab of ["order", "way", "patient", "messages", "unit"]) {
          await page.goto(`${centre.url}/console/crew?tab=${tab}`);
          await page.locator("nav[aria-label] button").nth(4).waitFor();
          const wide = await page.evaluate(() => document.querySelector("main").scrollWidth - window.innerWidth);
          assert.ok(wide <= 0, `${tab} is ${wide} px too wide`);
          assert.deepEqual(await accessibilityProblems(page), [], tab);
        }
        await page.context().close();
      }
    });
  }
});
