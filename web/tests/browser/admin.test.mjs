// Administration in a real browser against a real centre. What the centre holds afterwards is asked of the centre, not of
// the page.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { accessibilityProblems, missing, signIn, startBrowser, startCentre } from "./harness.mjs";

const skip = missing();
let browser;
let centre;
let admin;
let page;

const label = (text) => page.getByLabel(text, { exact: true });
const button = (name) => page.getByRole("button", { name, exact: true });
const told = (text) => page.getByText(text).first().waitFor();
const selectedId = () => Number(new URL(page.url()).searchParams.get("id"));
const confirm = (name) => page.getByRole("alertdialog").getByRole("button", { name }).click();
const save = () => page.keyboard.press("Control+s");

/** A section with its own address, and nothing chosen in it. */
async function open(section) {
  await page.goto(`${centre.url}/console/admin?section=${section}`);
  await page.getByRole("tab", { selected: true }).waitFor();
}

before(async () => {
  if (skip) return;
  centre = await startCentre();
  browser = await startBrowser();
  admin = await centre.person("admin");
});

after(async () => {
  await browser?.close();
  await centre?.remove();
});

describe("an administrator", { skip }, () => {
  before(async () => {
    page = await signIn(browser, centre, "admin");
  });

  afterEach(() => assert.deepEqual(page.errors.splice(0), []));

  it("adds a station by keyboard: what is wrong is told at the field", async () => {
    await open("posts");
    await page.getByText("Choose a station").waitFor();
    await page.locator("main").press("n");
    await label("Code").fill("new one");
    await label("Name").fill("North station");
    await told("No spaces");
    await label("Code").fill("north");
    await save();
    await told("Choose one.");
    await page.getByRole("combobox", { name: "Place" }).fill("57.702, 11.968");
    await page.getByRole("option", { name: /57\.702/ }).waitFor();
    await page.getByRole("combobox", { name: "Place" }).press("Enter");
    await save();
    await told("Station added");
    const post = await admin.get(`/posts/${selectedId()}`);
    assert.equal(post.code, "north");
    assert.deepEqual(post.point, { lon: 11.968, lat: 57.702 });
  });

  it("adds a unit that lives there, changes what it can do, retires it", async () => {
    await open("units");
    await button("Add a unit").first().click();
    await label("Code").fill("u99");
    await label("Name").fill("Test unit");
    const station = page.getByRole("combobox", { name: "Station" });
    await station.fill("north");
    await station.press("Enter");
    await page.getByText("Ventilator").click();
    await save();
    await told("Unit added");
    const id = selectedId();
    assert.deepEqual((await admin.get(`/units/${id}`)).skills, ["ventilator"]);
    await page.getByText("Advanced life support").click();
    await save();
    await told("u99 has been saved.");
    assert.deepEqual((await admin.get(`/units/${id}`)).skills, ["advanced", "ventilator"]);
    await button("Retire").click();
    await told("stay on record");
    await confirm("Retire");
    await told("u99 has been retired.");
    const { items } = await admin.get("/units");
    assert.equal(
      items.some((unit) => unit.id === id),
      false,
    );
  });

  it("is asked before what is typed is lost, and told when somebody else changed the same", async () => {
    await page.goto(`${centre.url}/console/admin?section=units&id=1`);
    await label("Name").fill("Mine");
    await page.getByRole("tab", { name: "Seats" }).click();
    await told("Something is not saved");
    await page.keyboard.press("Enter");
    await page.getByText("Something is not saved").waitFor({ state: "detached" });
    assert.equal(await label("Name").inputValue(), "Mine");
    await admin.ask("PATCH", "/units/1", { name: "Theirs", district: 0 });
    await label("Name").focus();
    await save();
    await told("Somebody else has changed this meanwhile.");
    assert.equal((await admin.get("/units/1")).name, "Theirs");
    await button("Keep mine").click();
    await save();
    await page.getByText("has been saved.").first().waitFor();
    assert.equal((await admin.get("/units/1")).name, "Mine");
  });

  it("adds a person with a role, sets up one-time codes, shuts the account", async () => {
    await open("people");
    await button("Add a person").first().click();
    await label("Sign-in name").fill("sun");
    await label("Name that others see").fill("Sun Li");
    await label("Password").fill("too short");
    await save();
    await told("At least 10 characters.");
    await label("Password").fill("long enough 120");
    await button("Add a role").click();
    await page.getByRole("button", { name: /Choose a role/ }).click();
    await page.getByRole("option", { name: "Crew", exact: true }).click();
    const unit = page.getByRole("combobox", { name: "Unit" });
    await unit.fill("u2");
    await unit.press("Enter");
    await save();
    await told("Person added");
    const id = selectedId();
    assert.deepEqual((await admin.get(`/people/${id}`)).grants, [{ role: "crew", scope: "unit", id: 2 }]);
    await button("Set up one-time codes").click();
    await confirm("Make the secret");
    await page.getByRole("img", { name: /QR/ }).waitFor();
    assert.equal(await button("Done").isEnabled(), false);
    await page.getByText("It has been kept").click();
    await button("Done").click();
    await told("One-time codes set up");
    assert.equal((await admin.get(`/people/${id}`)).totp, true);
    await button("Shut the account").click();
    await confirm("Shut the account");
    await told("is shut.");
    assert.equal((await admin.get(`/people/${id}`)).disabled, true);
  });

  it("makes a token that is shown once, and revokes it", async () => {
    await open("tokens");
    await button("Make a token").first().click();
    await label("Name of the machine").fill("exchange");
    await page.getByRole("button", { name: /Choose a role/ }).click();
    await page.getByRole("option", { name: "Gateway", exact: true }).click();
    await save();
    await told("It is shown only now.");
    await page.getByText("It has been kept").click();
    await button("Done").click();
    await told("Token made");
    await button("Revoke").click();
    await confirm("Revoke");
    await told("has been revoked.");
    const { items } = await admin.get("/tokens");
    assert.notEqual(items.find((token) => token.name === "exchange").revoked_at, null);
  });

  it("changes a setting within its range, and sees what needs a restart", async () => {
    await open("config");
    const field = label("How long a locked account stays so");
    await field.fill("9999");
    await save();
    await told("From 1 to 1440.");
    await field.fill("20");
    await save();
    await told("The settings have been saved");
    const value = async (name) => (await admin.get("/config")).items.find((setting) => setting.name === name).value;
    assert.equal(await value("lock_minutes"), 20);
    assert.equal(await page.getByText("needs a restart").count(), await notLive());
  });

  it("reads a protocol in both languages", async () => {
    await page.goto(`${centre.url}/console/admin?section=protocols&id=1`);
    const protocol = await admin.get("/protocols/1");
    for (const language of ["en", "zh"]) await told(protocol.steps[0].say[language]);
    await told(protocol.steps[0].source);
  });

  it("erases an incident's personal data in two steps", async () => {
    const taker = await centre.person("wang");
    const call = (await taker.post("/calls", { number: "000-1", remarks: "Third floor." })).made;
    await taker.command("call_answer", { call, seat: 1 });
    await taker.command("call_locate", { call, point: { lon: 11.968, lat: 57.702 } });
    const wish = { call, needs: ["basic"], priority: "severe", units_wanted: 1 };
    const { made: incident } = await taker.command("call_triage", wish);
    await open("personal");
    await label("Number of the incident").fill(String(incident));
    await page.getByRole("button", { name: /Go on/ }).click();
    const erase = page.getByRole("alertdialog").getByRole("button", { name: "Erase for good" });
    assert.equal(await erase.isEnabled(), false);
    await page.getByRole("alertdialog").getByLabel("once more").fill(String(incident));
    await page.getByText("I have read this").click();
    await erase.click();
    await told("have been erased");
    await assert.rejects(taker.get(`/calls/${call}/caller`), /erased/);
  });
});

/** How many settings the server itself says are read at its start only. */
async function notLive() {
  return (await admin.get("/config")).items.filter((setting) => !setting.live).length;
}

describe("every section", { skip }, () => {
  const sections = [
    "people",
    "roles",
    "units",
    "posts",
    "facilities",
    "seats",
    "protocols",
    "config",
    "tokens",
    "personal",
  ];

  it("can be used by everybody, in Chinese and bright", async () => {
    page = await signIn(browser, centre, "admin", { language: "zh-CN", theme: "bright" });
    for (const section of sections) {
      await page.goto(`${centre.url}/console/admin?section=${section}&id=1`);
      await page.getByRole("tab", { selected: true }).waitFor();
      await page.waitForLoadState("networkidle");
      assert.deepEqual(await accessibilityProblems(page), [], section);
    }
    assert.deepEqual(page.errors, []);
  });
});

describe("an auditor", { skip }, () => {
  it("reads the audit trail with names, and the journal; changes nothing", async () => {
    page = await signIn(browser, centre, "audit");
    await told("Personal data erased");
    const row = page.getByRole("option").filter({ hasText: "Personal data erased" });
    assert.match(await row.innerText(), /admin/);
    await row.click();
    await told("Hash of the chain");
    assert.deepEqual(await accessibilityProblems(page), []);
    await page.getByRole("tab", { name: "Journal" }).click();
    await page.getByRole("option").filter({ hasText: "Add a unit" }).first().click();
    await told("Result: unit_added");
    assert.deepEqual(await accessibilityProblems(page), []);
    await page.getByRole("tab", { name: "Settings" }).click();
    await told("administrators change them");
    assert.equal(await page.getByRole("button", { name: /^Save/ }).count(), 0);
    // Reports are not theirs: no way leads to a screen that would stay empty.
    assert.equal(await page.getByRole("link", { name: /Review/ }).count(), 0);
    assert.deepEqual(page.errors, []);
  });
});
