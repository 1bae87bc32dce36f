// One call as everybody sees it: call-taker, two dispatchers and a hospital in windows of their own, and a crew's phone. A caller
// rings, a cardiac arrest is recognised, an ambulance goes, the server dies in the middle and comes back, the patient arrives.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { missing, signIn, startBrowser, startCentre, watchHeld } from "./harness.mjs";

const skip = missing();
const STORY = "My husband fell down in the kitchen. He does not react and only gasps.";
const CUT = {
  en: "The connection is cut. What you see is the last that was known",
  zh: "连接已中断。画面为最后已知状态",
};
const STAGES = [
  [/Departed/, "Departed"],
  [/On scene/, "On scene"],
  [/At the patient/, "At patient"],
];
const SAID_AT_THE_END = "“The crew is there. You can hang up.”";
let browser;
let centre;
let boss;
let taker;
let first;
let second;
let hospital;
let phone;
let gate;
let call;
let incident;
let mission;

/** Polls the centre until it is as wanted. */
async function until(path, fits) {
  for (let tries = 0; tries < 300; tries += 1) {
    const entity = await boss.get(path);
    if (fits(entity)) return entity;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`never came: ${path} ${fits}`);
}

const missionIs = (state) => until(`/missions/${mission}`, (one) => one.state === state);

/** What a window asked of others than the centre's server. */
function strangers(page) {
  const own = [`${centre.url}/`, `${centre.url.replace("http", "ws")}/`, "blob:", "data:"];
  return page.asked.filter((url) => !own.some((start) => url.startsWith(start)));
}

/** A window that remembers whom it asked, and what its policy refused. */
async function open(name, options = {}) {
  const asked = [];
  const prepare = async (page) => {
    page.context().on("request", (request) => asked.push(request.url()));
    page.on("websocket", (socket) => asked.push(socket.url()));
    await page.addInitScript(() => {
      window.refusedByPolicy = [];
      document.addEventListener("securitypolicyviolation", (event) =>
        window.refusedByPolicy.push(`${event.violatedDirective} ${event.blockedURI}`),
      );
    });
    await options.prepare?.(page);
  };
  const page = await signIn(browser, centre, name, { ...options, prepare });
  page.asked = asked;
  return page;
}

/** What the server tells of changes is held back while the gate is shut; its answers to pings are not. */
function makeGate() {
  const held = [];
  const state = { shut: false };
  const prepare = (page) =>
    page.routeWebSocket(/\/api\/v1\/stream/, (window) => {
      const server = window.connectToServer();
      server.onMessage((message) => {
        if (state.shut && !String(message).includes('"pong"')) held.push([window, message]);
        else window.send(message);
      });
    });
  const release = () => {
    state.shut = false;
    for (const [window, message] of held.splice(0)) window.send(message);
  };
  return { prepare, shut: () => (state.shut = true), release };
}

const sees = (page, text) => page.getByText(text).first().waitFor();
const big = (name) => phone.getByRole("button", { name }).and(phone.locator("[class*=huge]"));

/** A finger on the big button of the phone, as long as it needs. */
async function hold(name) {
  const button = big(name);
  await button.waitFor();
  const box = await button.boundingBox();
  const finger = await phone.context().newCDPSession(phone);
  const touchPoints = [{ x: box.x + box.width / 2, y: box.y + box.height / 2 }];
  const untilHeld = await watchHeld(phone);
  await finger.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints });
  await untilHeld();
  await finger.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  await finger.detach();
}

async function press(page, key) {
  await page.locator("[role=group][data-open]").waitFor();
  await page.keyboard.press(key);
}

const band = (page) => page.getByRole("alert").filter({ hasText: page === hospital ? CUT.zh : CUT.en });
const typed = () => taker.getByRole("textbox", { name: "Remarks" }).inputValue();

async function openPhone() {
  const device = { hasTouch: true, isMobile: true, deviceScaleFactor: 2 };
  phone = await open("crew1", { size: [390, 844], device });
  const take = phone.getByRole("button", { name: /in hand/ });
  await take.waitFor();
  await hold(/in hand/);
  await take.waitFor({ state: "detached" });
}

/** The parts need each other: after one that failed, the others say so at once. */
let broken = "";
function part(name, run) {
  it(name, async () => {
    assert.equal(broken, "", "this part did not go well");
    broken = name;
    await run();
    broken = "";
  });
}

async function listsKeys(page, title, keys) {
  await page.keyboard.press("?");
  const list = page.getByRole("dialog", { name: title });
  for (const key of keys) await list.getByText(key, { exact: true }).first().waitFor();
  await page.keyboard.press("Escape");
  await list.waitFor({ state: "detached" });
}

describe("the whole story", { skip, concurrency: false, timeout: 300_000 }, () => {
  before(async () => {
    centre = await startCentre();
    browser = await startBrowser();
    await centre.startShifts();
    boss = await centre.person("chen");
    gate = makeGate();
    taker = await open("wang");
    await sees(taker, "You sit at C1");
    first = await open("li");
    await first.getByRole("button", { name: /Desk D1 is yours/ }).waitFor();
    second = await open("zhao", { prepare: gate.prepare });
    hospital = await open("ward", { language: "zh-CN" });
    await sees(hospital, "暂无患者送来");
    await openPhone();
  });
  after(async () => {
    await browser?.close();
    await centre?.remove();
  });

  part("tells its keys in every window, in the window's language", async () => {
    await listsKeys(taker, "Keys", ["Answer next"]);
    await listsKeys(first, "Keys", ["Next to decide", "Command line"]);
    await listsKeys(hospital, "快捷键", ["确认预警", "确认交接"]);
  });

  part("rings, is answered, located and recognised as an arrest within two answers, and goes to dispatch", async () => {
    const gateway = await centre.machine("gateway");
    call = (await gateway.post("/calls", { number: "031-200300", remarks: STORY })).made;
    await taker.getByRole("option").first().waitFor();
    await taker.keyboard.press("Enter");
    await sees(taker, STORY);
    await sees(taker, "Since answered");
    assert.equal((await until(`/calls/${call}`, (one) => one.state === "answered")).seat, 1);

    await taker.getByRole("combobox", { name: "Find the place" }).focus();
    await taker.keyboard.type("east street 0");
    await taker
      .getByRole("option", { name: /East Street 0/ })
      .first()
      .waitFor();
    await taker.keyboard.press("Enter");
    const { point } = await until(`/calls/${call}`, (one) => one.state === "located");
    assert.ok(Math.abs(point.lat - 57.7) < 0.0005, `${point.lat}`);

    await taker.getByLabel("Find a protocol").first().waitFor();
    await taker.getByRole("button", { name: "Change", exact: true }).waitFor();
    await taker.keyboard.type("a");
    await taker.keyboard.press("Enter");
    await sees(taker, /Tap the shoulders firmly/);
    await press(taker, "1");
    await sees(taker, /Look at the chest/);
    await until(`/calls/${call}`, (one) => one.triage?.answered === 1);
    await press(taker, "1");
    await sees(taker, /Now push down hard and fast/);
    await sees(taker, "110 a minute");
    await sees(taker, "Arrest recognised");
    const { triage } = await until(`/calls/${call}`, (one) => one.triage?.answered === 2);
    assert.deepEqual([triage.marks, triage.priority, triage.units_wanted], [["arrest_recognised"], "critical", 2]);

    await listsKeys(taker, "Keys", ["Hand to dispatch", "Not awake"]);
    await taker.keyboard.press("F8");
    ({ incident } = await until(`/calls/${call}`, (one) => one.state === "triaged"));
    await sees(taker, "With dispatch");
    await sees(taker, "Nobody has been sent yet");
    // The call-taker goes on talking.
    await press(taker, "1");
    await until(`/calls/${call}`, (one) => one.triage.marks.includes("compressions_begun"));
    await sees(taker, "Compressions");
  });

  part("is given to a crew by one key, and who was second is told who was first", async () => {
    const { recommended } = await until(`/incidents/${incident}`, (one) => one.state === "recommended");
    assert.equal(recommended[0], 1);
    for (const page of [first, second]) {
      await page.getByRole("option").first().waitFor();
      await sees(page, "Critical");
    }
    await second.keyboard.press(":");
    await second.keyboard.type(`goto ${incident}`);
    await second.keyboard.press("Enter");
    await sees(first, "At work on it: zhao");
    for (const page of [first, second]) await sees(page, "first by the rules");

    gate.shut();
    await first.keyboard.press("Enter");
    const { missions } = await until(`/incidents/${incident}`, (one) => one.missions.length === 1);
    mission = missions[0].id;
    assert.equal(missions[0].unit, 1);
    await second.keyboard.press("Enter");
    const note = second.getByRole("alert").filter({ hasText: "Send u1" });
    await note.waitFor();
    assert.match(await note.textContent(), /not done\..*li was first/);
    gate.release();
    await second.keyboard.press("Escape");
    await note.waitFor({ state: "detached" });
    await sees(second, "Units 1 of 2");
    assert.equal((await boss.get(`/incidents/${incident}`)).missions.length, 1);
  });

  part("reaches the crew's phone, and every stage is seen by the others", async () => {
    await big(/Order understood/).waitFor();
    await sees(phone, "Critical");
    await sees(phone, "East Street 0");
    await hold(/Order understood/);
    for (const [button, stage] of STAGES) {
      await hold(button);
      for (const page of [first, second]) await page.getByText(stage, { exact: true }).first().waitFor();
    }
    await sees(taker, SAID_AT_THE_END);
  });

  part("is announced to the hospital, and the crew hears that the hospital knows", async () => {
    await hold(/Which hospital/);
    await phone.locator("[class*=firstChoice]").tap();
    const card = hospital.locator("li[data-demanding]");
    for (const text of ["预警未确认", "濒危", "u1", "尚未离开现场"]) await card.getByText(text).first().waitFor();
    await sees(first, "pre-alert not acknowledged");
    await hospital.keyboard.press("a");
    await until(`/missions/${mission}`, (one) => one.prealert_acknowledged_at !== null);
    await card.waitFor({ state: "detached" });
    for (const page of [first, second]) await sees(page, "· pre-alert acknowledged");
    await sees(phone, "The hospital knows");
  });

  part("shows the cut in every window while the server is dead, with what was known", async () => {
    await taker.getByRole("textbox", { name: "Remarks" }).focus();
    await taker.keyboard.press("Control+End");
    await taker.keyboard.type(" Third floor, ");
    await centre.kill("SIGKILL");
    await taker.keyboard.type("the dog is locked in");
    for (const page of [taker, first, second, hospital, phone]) {
      await band(page).waitFor();
      await page.locator("[class*=frame][class*=stale]").waitFor();
    }
    for (const page of [taker, first, second]) await page.getByRole("status").filter({ hasText: "Cut off" }).waitFor();
    await hospital.getByRole("status").filter({ hasText: "连接中断" }).waitFor();
    await sees(phone, "Without the centre.");
    await sees(taker, SAID_AT_THE_END);
    for (const page of [first, second]) await sees(page, "At patient");
    await sees(hospital, "濒危");
    await sees(phone, "The hospital knows");
    assert.equal(await typed(), `${STORY} Third floor, the dog is locked in`);
    // The crew goes on without the centre.
    await hold(/Left scene/);
    await sees(phone, "1 report kept, will be sent");
  });

  part("goes on by itself when the server is back, and nothing that was typed or pressed is lost", async () => {
    await centre.start(centre.port);
    for (const page of [taker, first, second, hospital, phone]) {
      await band(page).waitFor({ state: "detached", timeout: 60_000 });
      await page.locator("[class*=frame]:not([class*=stale])").first().waitFor();
    }
    boss = await centre.person("chen");
    await missionIs("left_scene");
    await phone.getByText("will be sent").waitFor({ state: "detached" });
    for (const page of [first, second]) await page.getByText("Left scene", { exact: true }).first().waitFor();
    await sees(hospital, "转运途中");
    assert.equal(await typed(), `${STORY} Third floor, the dog is locked in`);
    await taker.keyboard.type(".");
    await taker.getByRole("textbox", { name: "Name", exact: true }).focus();
    await taker.getByText("not stored yet").waitFor({ state: "detached" });
    const clerk = await centre.person("wang");
    const { remarks } = await clerk.get(`/calls/${call}/caller`);
    assert.equal(remarks, `${STORY} Third floor, the dog is locked in.`);
  });

  part("is counted down at the hospital, arrives, and is handed over", async () => {
    await sees(hospital, /预计 \d.* 到院/);
    const clock = hospital.locator("[data-stage=coming]");
    await clock
      .getByText(/\d:\d\d/)
      .first()
      .waitFor();
    await hold(/At the hospital/);
    await sees(hospital, "已到院，待交接");
    for (const page of [first, second]) await sees(page, "At facility");
    await hospital.keyboard.press("h");
    await hospital.getByRole("dialog").getByText("患者已由我院接收").waitFor();
    await hospital.keyboard.press("Enter");
    await missionIs("handed_over");
    await sees(hospital, "暂无患者送来");
    for (const page of [first, second]) await sees(page, "Handed over");
    await hold(/Available again/);
    await missionIs("ended");
    await sees(phone, "Free, and can be sent.");
  });

  part("asked nobody but its own server, and broke nothing", async () => {
    // The browser itself tells of the cut, and of what was refused to who came second.
    const cut = /ERR_CONNECTION_|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE|WebSocket/;
    for (const page of [taker, first, second, hospital, phone]) {
      const expected = (error) => cut.test(error) || (page === second && error.includes("status of 412"));
      assert.ok(page.asked.length > 10);
      assert.deepEqual(strangers(page), []);
      assert.deepEqual(await page.evaluate(() => window.refusedByPolicy), []);
      assert.deepEqual(
        page.errors.filter((error) => !expected(error)),
        [],
      );
    }
    // What a window must not do would have been seen.
    await taker.evaluate(() => fetch("http://127.0.0.1:9/").catch(() => null));
    assert.match((await taker.evaluate(() => window.refusedByPolicy)).join(), /^connect-src/);
  });
});
