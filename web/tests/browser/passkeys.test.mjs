// Passkeys in a real browser against a real live centre: Chromium's virtual authenticator keeps the keys and signs. The first
// sign-in, signing in without name and password, the passkey in place of the password; and what is refused: an answer shown twice,
// another origin, a key that was copied, a passkey that was removed.
import assert from "node:assert/strict";
import { createServer, request } from "node:http";
import { after, afterEach, before, describe, it } from "node:test";
import { accessibilityProblems, missing, PASSWORD, signIn, startBrowser, startCentre } from "./harness.mjs";

const skip = missing();
const OWN = "quite another horse";
const GIVEN = "a horse from the night shift";
const SIGN_IN = "Sign in with a passkey";
let browser;
let centre;
let page;
let authenticator;

const label = (text) => page.getByLabel(text, { exact: true });
const button = (name) => page.getByRole("button", { name, exact: true });
const heading = (name) => page.getByRole("heading", { name }).waitFor();
const person = () => page.getByRole("button", { name: /^admin, / });
const menu = async (item) => {
  await person().click();
  await page.getByRole("menuitem", { name: item, exact: true }).click();
};
const arrived = async () => {
  await page.waitForFunction(() => location.pathname.startsWith("/console/"), null, { timeout: 60_000 });
  await person().waitFor();
};
const signOut = async () => {
  await menu("Sign out");
  await button(SIGN_IN).waitFor();
};

/** A phone of the person, beside this page; what was done with it is asked by the debugger's protocol. */
async function addAuthenticator(opened) {
  const line = await opened.context().newCDPSession(opened);
  await line.send("WebAuthn.enable");
  const { authenticatorId } = await line.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return { send: (method, values = {}) => line.send(`WebAuthn.${method}`, { authenticatorId, ...values }) };
}

/** What the page itself may ask, as it would: with the session's cookie. The status and the problem's name. */
const asked = (method, path, body, csrf) =>
  page.evaluate(
    async ([how, where, what, token]) => {
      const answer = await fetch(where, {
        method: how,
        headers: { "Content-Type": "application/json", ...(token ? { "X-CSRF-Token": token } : {}) },
        body: what === undefined ? undefined : JSON.stringify(what),
      });
      const text = await answer.text();
      return { status: answer.status, value: text ? JSON.parse(text) : null };
    },
    [method, path, body, csrf],
  );

/** The trail, by a machine of an auditor's right. */
let auditor = "";
async function audit() {
  const answer = await fetch(`http://127.0.0.1:${centre.port}/api/v1/audit?limit=500`, {
    headers: { Authorization: `Bearer ${auditor}` },
  });
  return (await answer.json()).items;
}

/** The same centre at another origin of the same host: what a lookalike in between would be. */
function startBetween(port) {
  const server = createServer((came, answer) => {
    const sent = request(
      { host: "127.0.0.1", port, method: came.method, path: came.url, headers: came.headers },
      (back) => {
        answer.writeHead(back.statusCode, back.headers);
        back.pipe(answer);
      },
    );
    sent.on("error", () => answer.destroy());
    came.pipe(sent);
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

before(async () => {
  if (skip) return;
  centre = await startCentre({ sign_ins_per_minute: 10000 }, { live: true });
  await centre.kill();
  // The origin belongs to the settings, and the port is known only now.
  Object.assign(centre.settings, { passkeys: true, public_address: `http://localhost:${centre.port}` });
  await centre.start(centre.port);
  centre.url = centre.settings.public_address;
  browser = await startBrowser();
  page = await signIn(browser, centre, "admin", {
    arrives: false,
    prepare: async (opened) => {
      authenticator = await addAuthenticator(opened);
    },
  });
  page.setDefaultTimeout(60_000);
});

after(async () => {
  await browser?.close();
  await centre?.remove();
});

describe("passkeys", { skip }, () => {
  afterEach(() =>
    assert.deepEqual(
      page.errors.splice(0).filter((line) => !/40[134]/.test(line)),
      [],
    ),
  );

  it("are a second factor to set up at the first sign-in, after the password", async () => {
    await heading("Choose your own password");
    const { csrf } = (await asked("GET", "/api/v1/session")).value;
    const early = await asked("POST", "/api/v1/session/passkeys", undefined, csrf);
    assert.deepEqual([early.status, early.value.name], [403, "password_change_needed"]);
    await label("Present password").fill(PASSWORD);
    await label("New password").fill(OWN);
    await label("New password once more").fill(OWN);
    await button("Change").click();
    await heading("Set up your second factor");
    assert.deepEqual(await accessibilityProblems(page), []);
    await label("Name").fill("my phone");
    await page.keyboard.press("Enter");
    await arrived();
    const { credentials } = await authenticator.send("getCredentials");
    assert.equal(credentials.length, 1);
    assert.equal(credentials[0].rpId, "localhost");
    assert.equal(credentials[0].isResidentCredential, true);
  });

  it("sign one in without name, password and code", async () => {
    await signOut();
    assert.deepEqual(await accessibilityProblems(page), []);
    await button(SIGN_IN).focus();
    await page.keyboard.press("Enter");
    await arrived();
    const { owes, passkeys, csrf } = (await asked("GET", "/api/v1/session")).value;
    assert.deepEqual([owes, passkeys], [[], 1]);
    const [row] = (await asked("GET", "/api/v1/session/all")).value.items.filter(({ current }) => current);
    assert.equal(row.way, "passkey");
    const grant = { role: "auditor", scope: "centre" };
    auditor = (await asked("POST", "/api/v1/tokens", { name: "auditor", grant }, csrf)).value.secret;
    const rows = (await audit()).filter(({ what }) => what === "sign-in");
    assert.ok(rows.some(({ detail }) => detail.startsWith("by passkey, from ")));
  });

  it("are shown in place of the password before a deed of weight", async () => {
    await centre.kill();
    await centre.start(centre.port);
    centre.url = centre.settings.public_address;
    await page.goto(`${centre.url}/console/admin?section=people&add=1`);
    page.errors.length = 0; // of the console that was open meanwhile
    await label("Sign-in name").fill("sun");
    await label("Name that others see").fill("Sun");
    await label("Password").fill("a third good horse");
    await page.keyboard.press("Control+s");
    const dialog = page.getByRole("dialog", { name: "Your password once more" });
    await dialog.waitFor();
    assert.deepEqual(await accessibilityProblems(page), []);
    await dialog.getByRole("button", { name: "Show my passkey" }).click();
    await page
      .getByText(/sun has been added\./i)
      .first()
      .waitFor();
  });

  it("come before a factor of the other kind, when somebody has only the password", async () => {
    await signOut();
    await label("Name").fill("admin");
    await label("Password").fill(OWN);
    await page.keyboard.press("Enter");
    await heading("Show your passkey");
    assert.deepEqual(await accessibilityProblems(page), []);
    const { csrf } = (await asked("GET", "/api/v1/session")).value;
    for (const [method, path, body] of [
      ["POST", "/api/v1/session/totp"],
      ["PUT", "/api/v1/session/totp", { totp: "000000" }],
      ["POST", "/api/v1/session/passkeys"],
      ["PUT", "/api/v1/session/password", { old: OWN, new: "a thief's good horse" }],
    ]) {
      const { status, value } = await asked(method, path, body, csrf);
      assert.deepEqual([status, value.name], [403, "passkey_needed"], `${method} ${path}`);
    }
    const { id } = (await asked("GET", "/api/v1/session")).value.person;
    assert.equal((await asked("GET", `/api/v1/people/${id}`)).value.name, "second_factor_needed");
    await button("Show my passkey").click();
    await arrived();
  });

  it("come before a password that somebody else gave", async () => {
    const { csrf, person: own } = (await asked("GET", "/api/v1/session")).value;
    const grant = { role: "administrator", scope: "centre" };
    const { secret } = (await asked("POST", "/api/v1/tokens", { name: "by night", grant }, csrf)).value;
    const where = `http://127.0.0.1:${centre.port}/api/v1/people/${own.id}`;
    const headers = { Authorization: `Bearer ${secret}`, "Content-Type": "application/json" };
    const { revision } = await (await fetch(where, { headers })).json();
    const given = await fetch(where, {
      method: "PATCH",
      headers: { ...headers, "If-Match": `"${revision}"` },
      body: JSON.stringify({ password: GIVEN }),
    });
    assert.equal(given.status, 200, await given.text());
    await page.goto(`${centre.url}/`);
    await label("Name").fill("admin");
    await label("Password").fill(GIVEN);
    await page.keyboard.press("Enter");
    await heading("Show your passkey");
    const session = (await asked("GET", "/api/v1/session")).value;
    assert.deepEqual(session.owes, ["password", "second_factor"]);
    const early = await asked("PUT", "/api/v1/session/password", { old: GIVEN, new: OWN }, session.csrf);
    assert.deepEqual([early.status, early.value.name], [403, "passkey_needed"]);
    await button("Show my passkey").click();
    await heading("Choose your own password");
    await label("Present password").fill(GIVEN);
    await label("New password").fill(OWN);
    await label("New password once more").fill(OWN);
    await button("Change").click();
    await arrived();
  });

  it("answer once: what was shown is worth nothing a second time", async () => {
    await signOut();
    const sent = page.waitForRequest((one) => one.method() === "PUT" && one.url().endsWith("/api/v1/session/passkey"));
    await button(SIGN_IN).click();
    const body = (await sent).postDataJSON();
    await arrived();
    await signOut();
    const again = await asked("PUT", "/api/v1/session/passkey", body);
    assert.deepEqual([again.status, again.value.name], [401, "attempt_over"]);
    // With a new challenge out, too: the answer is to the old one.
    const { challenge } = (await asked("POST", "/api/v1/session/passkey")).value;
    assert.match(challenge, /^[\w-]{43}$/);
    const still = await asked("PUT", "/api/v1/session/passkey", body);
    assert.deepEqual([still.status, still.value.name], [401, "attempt_over"]);
    // And to the new challenge it does not fit, whatever the client data say.
    const data = JSON.parse(Buffer.from(body.client_data, "base64url").toString());
    const lie = Buffer.from(JSON.stringify({ ...data, challenge })).toString("base64url");
    const forged = await asked("PUT", "/api/v1/session/passkey", { ...body, client_data: lie });
    assert.deepEqual([forged.status, forged.value.name], [401, "passkey_refused"]);
  });

  it("are refused from another origin, though the browser gives them there", async () => {
    const between = await startBetween(centre.port);
    try {
      await page.goto(`http://localhost:${between.address().port}/`);
      await button(SIGN_IN).click();
      await page.getByText("The passkey is not taken.", { exact: false }).waitFor();
    } finally {
      between.close();
      between.closeAllConnections();
    }
    await page.goto(`${centre.url}/`);
    await button(SIGN_IN).click();
    await arrived();
    const refused = (await audit()).filter(({ what }) => what === "sign-in refused");
    assert.ok(refused.some(({ detail }) => detail.includes("another origin")));
  });

  it("are refused when the counter went back: somebody has a copy", async () => {
    await signOut();
    const [credential] = (await authenticator.send("getCredentials")).credentials;
    const { credentialId } = credential;
    assert.ok(credential.signCount > 1);
    await authenticator.send("removeCredential", { credentialId });
    await authenticator.send("addCredential", { credential: { ...credential, signCount: 0 } });
    await button(SIGN_IN).click();
    await page.getByText("This passkey may have been copied", { exact: false }).waitFor();
    await authenticator.send("removeCredential", { credentialId });
    await authenticator.send("addCredential", { credential: { ...credential, signCount: credential.signCount + 10 } });
    await button(SIGN_IN).click();
    await arrived();
    assert.ok((await audit()).some(({ detail }) => detail.includes("the counter of the passkey went back")));
  });

  it("are not taken twice, and one that was removed signs nobody in", async () => {
    await menu("Passkeys");
    const dialog = page.getByRole("dialog", { name: "Passkeys" });
    await dialog.getByText(/^my phone/).waitFor();
    assert.deepEqual(await accessibilityProblems(page), []);
    // 63 bytes are the most: told before the authenticator makes a key that nobody would keep.
    await dialog.getByLabel("Name", { exact: true }).fill("急".repeat(22));
    await dialog.getByText("Too long:", { exact: false }).waitFor();
    assert.equal(await dialog.getByRole("button", { name: "Add a passkey" }).isDisabled(), true);
    await dialog.getByLabel("Name", { exact: true }).fill("the same phone");
    await page.keyboard.press("Enter");
    await dialog.getByText("This device has a passkey of yours already.").waitFor();
    await dialog.getByRole("button", { name: "Remove my phone" }).click();
    await dialog.getByText(/^my phone/).waitFor({ state: "detached" });
    await page.keyboard.press("Escape");
    await signOut();
    await button(SIGN_IN).click();
    await page.getByText("The passkey is not taken.", { exact: false }).waitFor();
    assert.equal((await authenticator.send("getCredentials")).credentials.length, 1);
  });
});
