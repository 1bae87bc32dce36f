// One's own account in a real browser against a real live centre: the first sign-in, the second factor, the password once more
// before a deed of weight, and where one is signed in.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, afterEach, before, describe, it } from "node:test";
import { accessibilityProblems, missing, PASSWORD, signIn, startBrowser, startCentre } from "./harness.mjs";

const skip = missing();
const OWN = "quite another horse";
let browser;
let centre;
let page;

const label = (text) => page.getByLabel(text, { exact: true });
const button = (name) => page.getByRole("button", { name, exact: true });
const heading = (name) => page.getByRole("heading", { name }).waitFor();
const menu = async (item) => {
  await page.getByRole("button", { name: /^admin, / }).click();
  await page.getByRole("menuitem", { name: item }).click();
};

/** What an authenticator shows that was given this key (RFC 6238, RFC 4648). */
function codeOf(key, at_ms = Date.now()) {
  const bits = [...key].map((letter) =>
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0"),
  );
  const bytes = bits
    .join("")
    .match(/.{8}/g)
    .map((byte) => Number.parseInt(byte, 2));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at_ms / 30_000)));
  const mac = createHmac("sha1", Buffer.from(bytes)).update(counter).digest();
  const number = mac.readUInt32BE(mac[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}

before(async () => {
  if (skip) return;
  centre = await startCentre({}, { live: true });
  browser = await startBrowser();
  page = await signIn(browser, centre, "admin", { arrives: false });
});

after(async () => {
  await browser?.close();
  await centre?.remove();
});

describe("the first administrator of a live centre", { skip }, () => {
  afterEach(() =>
    assert.deepEqual(
      page.errors.splice(0).filter((line) => !line.includes("403")),
      [],
    ),
  );

  it("chooses a password before anything else", async () => {
    await heading("Choose your own password");
    assert.deepEqual(await accessibilityProblems(page), []);
    await label("Present password").fill(PASSWORD);
    await label("New password").fill(OWN);
    await label("New password once more").fill(OWN);
    await button("Change").click();
    await heading("Set up your second factor");
  });

  it("sets up a second factor: the first code of it comes back", async () => {
    await button("Show the picture for the phone").click();
    await page.getByRole("img", { name: "QR code for the authenticator" }).waitFor();
    assert.deepEqual(await accessibilityProblems(page), []);
    const text = await page.getByText("To type in by hand:").innerText();
    const key = text.replace(/^.*: /, "").replaceAll(" ", "");
    assert.match(key, /^[A-Z2-7]{32}$/);
    await label("The code that it shows now").fill("000000");
    await button("Set up").click();
    await page.getByText("The code is not right.").waitFor();
    await label("The code that it shows now").fill(codeOf(key));
    await button("Set up").click();
    await page.waitForFunction(() => location.pathname.startsWith("/console/"), null, { timeout: 60_000 });
    await page.getByRole("button", { name: /^admin, / }).waitFor();
  });

  it("sees where it is signed in", async () => {
    await menu("Where I am signed in");
    await page.getByText("Here", { exact: true }).waitFor();
    assert.deepEqual(await accessibilityProblems(page), []);
    await page.keyboard.press("Escape");
  });

  it("shows the password once more before a person is made, when nobody knows when it was shown", async () => {
    await centre.kill();
    await centre.start(centre.port);
    await page.goto(`${centre.url}/console/admin?section=people&add=1`);
    page.errors.length = 0; // of the console that was open meanwhile
    await label("Sign-in name").fill("sun");
    await label("Name that others see").fill("Sun");
    await label("Password").fill("a third good horse");
    await page.keyboard.press("Control+s");
    const dialog = page.getByRole("dialog", { name: "Your password once more" });
    await dialog.waitFor();
    assert.deepEqual(await accessibilityProblems(page), []);
    await dialog.getByLabel("Password", { exact: true }).fill("not the horse");
    await dialog.getByRole("button", { name: "Go on" }).click();
    await dialog.getByText("The password or code is not right.").waitFor();
    await dialog.getByLabel("Password", { exact: true }).fill(OWN);
    await dialog.getByRole("button", { name: "Go on" }).click();
    await page.getByText("Sun has been added.").or(page.getByText("sun has been added.")).first().waitFor();
  });
});
