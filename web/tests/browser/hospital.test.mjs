// The hospital's screen in a real browser against a real centre: a patient is announced, comes, and is handed over; beds and
// diversion. What the centre holds afterwards is asked of the centre, not of the page.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { accessibilityProblems, missing, signIn, startBrowser, startCentre } from "./harness.mjs";

const skip = missing();
const FACILITY = 1;
let browser;
let centre;
let taker;
let dispatcher;
let crew;

/** Polls until it is so. */
async function until(ask, fits) {
  for (let tries = 0; tries < 300; tries += 1) {
    const answer = await ask();
    if (fits(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`never came: ${fits}`);
}

const facility = () => dispatcher.get(`/facilities/${FACILITY}`);
const bedsOf = async (kind) => (await facility()).beds.find((beds) => beds.kind === kind);
const missionOf = (id) => dispatcher.get(`/missions/${id}`);

/** A patient at unit 1, described by the crew. */
async function patient() {
  const call = (await taker.post("/calls", { number: "000-1", remarks: "Third floor." })).made;
  await taker.command("call_answer", { call, seat: 1 });
  await taker.command("call_locate", { call, point: { lon: 11.968, lat: 57.702 } });
  const wish = { call, needs: ["basic"], priority: "severe", units_wanted: 1 };
  const { made: incident } = await taker.command("call_triage", wish);
  await until(
    () => dispatcher.get(`/incidents/${incident}`),
    (one) => one.state === "recommended",
  );
  const { made: mission } = await dispatcher.command("unit_assign", { incident, unit: 1, override: "local_knowledge" });
  for (const stage of ["acknowledge", "depart", "arrive", "reach_patient"])
    await crew.command("mission_report", { mission, stage });
  await crew.command("patient_describe", {
    mission,
    main_problem: ["stroke"],
    age_years: 71,
    sex: "female",
    consciousness: "voice",
    pulse: 96,
    systolic: 171,
    spo2: 94,
    respiration: 18,
  });
  return mission;
}

async function announce(mission) {
  await dispatcher.command("destination_set", { mission, facility: FACILITY, override: "other" });
}

async function ward(options) {
  const page = await signIn(browser, centre, "ward", options);
  await page.getByText("You play this hospital.").or(page.getByText("本院由您操作。")).waitFor();
  return page;
}

const cell = (page, row, state) => page.locator("tbody tr").nth(row).locator(`td[data-state=${state}]`);

before(async () => {
  if (skip) return;
  centre = await startCentre();
  browser = await startBrowser();
  await centre.startShifts();
  [taker, dispatcher, crew] = await Promise.all(["wang", "li", "crew1"].map((name) => centre.person(name)));
});

after(async () => {
  await browser?.close();
  await centre?.remove();
});

describe("the hospital", { skip }, () => {
  it("says that nobody comes, and takes the hospital from the exercise", async () => {
    const page = await ward();
    await page.getByText("Nobody is on the way here").waitFor();
    const { items } = await dispatcher.get("/control");
    assert.deepEqual(
      items.map(({ kind, id }) => [kind, id]),
      [["facility", FACILITY]],
    );
    assert.deepEqual(await accessibilityProblems(page), []);
    await page.getByRole("button", { name: /^ward/ }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await until(
      () => dispatcher.get("/control"),
      (control) => control.items.length === 0,
    );
    await page.context().close();
  });

  it("counts beds anew, moves them by keys, and keeps their sum", async () => {
    const page = await ward();
    await cell(page, 0, "available").focus();
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Available").fill("5");
    await dialog.getByLabel("Occupied").fill("ten");
    assert.ok(await dialog.getByRole("button", { name: "Save the count" }).isDisabled());
    await dialog.getByLabel("Occupied").fill("10");
    await dialog.getByText("Total: 0 before, 15 now").waitFor();
    await page.keyboard.press("Enter");
    await dialog.waitFor({ state: "detached" });
    const counted = await bedsOf("emergency");
    assert.deepEqual([counted.available, counted.occupied, counted.blocked], [5, 10, 0]);

    await cell(page, 0, "occupied").focus();
    for (const key of ["+", "+", "-", "ArrowRight", "+"]) await page.keyboard.press(key);
    const moved = await until(
      () => bedsOf("emergency"),
      (beds) => beds.blocked === 1,
    );
    assert.deepEqual([moved.available, moved.occupied, moved.blocked], [3, 11, 1]);
    await cell(page, 0, "blocked").getByRole("button", { name: "One less: Emergency, Blocked" }).click();
    await until(
      () => bedsOf("emergency"),
      (beds) => beds.blocked === 0 && beds.available === 4,
    );
    await page.locator("tbody tr").first().getByText("15", { exact: true }).waitFor();
    assert.deepEqual(page.errors, []);
    await page.context().close();
  });

  it("demands an acknowledgement, gives it by one key, and confirms the handover", async () => {
    const page = await ward();
    const mission = await patient();
    await page.getByText("Nobody is on the way here").waitFor();
    await announce(mission);
    const card = page.locator("li[data-demanding]");
    await card.waitFor();
    for (const text of ["Severe", "Stroke", "71 y, Female", "Reacts to voice", "171 mmHg", "94 %", "On scene"])
      await card.getByText(text, { exact: true }).waitFor();
    await card.getByText("Bed reserved: Emergency").waitFor();
    assert.deepEqual(await accessibilityProblems(page), []);

    await page.keyboard.press("a");
    await until(
      () => missionOf(mission),
      (one) => one.prealert_acknowledged_at !== null,
    );
    await card.waitFor({ state: "detached" });

    await crew.command("mission_report", { mission, stage: "leave_scene" });
    await page.getByText("Left the scene").waitFor();
    await crew.command("mission_report", { mission, stage: "reach_facility" });
    await page.getByText("At the door", { exact: true }).waitFor();
    await page.keyboard.press("h");
    await page.getByRole("dialog").getByText("71 y, Female").waitFor();
    assert.deepEqual(await accessibilityProblems(page), []);
    await page.keyboard.press("Enter");
    await until(
      () => missionOf(mission),
      (one) => one.state === "handed_over",
    );
    await page.getByText("Nobody is on the way here").waitFor();
    await page.waitForFunction(() => document.activeElement !== document.body);
    assert.deepEqual(page.errors, []);
    await page.context().close();
  });

  it("asks for diversion with cause and end, and reopens", async () => {
    const page = await ward();
    await page.keyboard.press("d");
    const dialog = page.getByRole("dialog");
    await dialog.getByText("Not enough staff").click();
    await dialog.getByText("Until a time").click();
    await dialog.getByLabel("Until (time of day)").fill("25:00");
    await dialog.getByText("A time like 14:30").waitFor();
    await dialog.getByText("2 h", { exact: true }).click();
    assert.deepEqual(await accessibilityProblems(page), []);
    await dialog.getByRole("button", { name: "Ask for diversion" }).click();
    const diverting = await until(facility, (one) => one.state === "diverting");
    assert.equal(diverting.diverting_cause, "staff");
    const { now } = await dispatcher.get("/centre");
    const left_s = (Date.parse(diverting.diverting_until) - Date.parse(now)) / 1000;
    assert.ok(left_s > 6600 && left_s <= 7200, `ends in ${left_s} s`);
    await page.getByText("Diverting", { exact: true }).waitFor();
    await dialog.waitFor({ state: "detached" });
    await page.keyboard.press("o");
    await dialog.getByText("Receive patients again?").waitFor();
    assert.equal((await facility()).state, "diverting");
    await page.keyboard.press("Enter");
    await until(facility, (one) => one.state === "open");
    await dialog.waitFor({ state: "detached" });
    await page.locator("button:enabled", { hasText: "Shut" }).waitFor();
    await page.keyboard.press("x");
    await dialog.getByRole("button", { name: "Shut" }).click();
    await until(facility, (one) => one.state === "shut");
    await page.getByText("You are never recommended.").waitFor();
    await dialog.waitFor({ state: "detached" });
    await page.keyboard.press("o");
    await dialog.getByRole("button", { name: "Reopen" }).click();
    await until(facility, (one) => one.state === "open");
    await page.context().close();
  });

  it("tells a refusal in words, and keeps the figures right", async () => {
    const page = await ward();
    await page.route("**/commands/bed_change", (route) =>
      route.fulfill({
        status: 409,
        contentType: "application/problem+json",
        body: JSON.stringify({ name: "no_such_bed", status: 409, title: "", detail: "" }),
      }),
    );
    const before = await bedsOf("emergency");
    await cell(page, 0, "occupied").focus();
    await page.keyboard.press("+");
    await page.getByText(/^Beds: /).waitFor();
    await cell(page, 0, "occupied").getByText(String(before.occupied), { exact: true }).waitFor();
    await page.context().close();
  });

  it("is complete in Chinese and in bright colours, and may only be looked at by a duty commander", async () => {
    const page = await ward({ language: "zh-CN", theme: "bright" });
    await page.getByText("来院患者").waitFor();
    assert.deepEqual(await accessibilityProblems(page), []);
    await page.context().close();
    const commander = await signIn(browser, centre, "chen");
    await commander.goto(`${centre.url}/console/hospital`);
    await commander.getByText("You only look here").waitFor();
    assert.equal(await commander.getByRole("button", { name: "Reopen" }).count(), 0);
    assert.equal(await commander.locator("td button").count(), 0);
    await commander.context().close();
  });
});
