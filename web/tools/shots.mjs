// What stands on each picture of the guide: who looks, and what was done before. SHOTS: a name each, and how its page comes about
// in a demonstration that runs.
import { setTimeout as pause } from "node:timers/promises";

export const PASSWORD = "only-an-exercise-120"; // of the demonstration's accounts: cities/gothenburg/scenario/people.csv
const WAIT_MS = 90_000;
const FIRST_SEAT = 1; // C1, which the first call-taker gets
const HELD_MS = 700;

// Callers beside those of the exercise, so that each picture shows something.
const STORIES = [
  {
    says: {
      en: "My father fell down in the hall. He does not react and only gasps.",
      zh: "我爸爸倒在门厅里，叫他没反应，只是偶尔喘一下。",
    },
    road: "Kungsportsavenyen",
    lon: 11.97556,
    lat: 57.69966,
    meant: "arrest, critical",
  },
  {
    says: { en: "My chest hurts, and I am in a cold sweat.", zh: "我胸口疼，一直出冷汗。" },
    road: "Hjalmar Brantingsgatan",
    lon: 11.94412,
    lat: 57.71951,
    meant: "chest_pain, severe",
    needs: ["advanced", "chest_pain"],
    priority: "severe",
  },
  {
    says: { en: "A cyclist was hit by a car and cannot get up.", zh: "有人骑车被汽车撞了，站不起来。" },
    road: "Linnégatan",
    lon: 11.95301,
    lat: 57.69352,
    meant: "traffic, severe",
    needs: ["basic", "trauma"],
    priority: "severe",
  },
  {
    says: { en: "My mother slipped in the kitchen. Her wrist hurts.", zh: "我妈妈在厨房滑倒了，手腕疼。" },
    road: "Danska vägen",
    lon: 12.01244,
    lat: 57.70713,
    meant: "fall, urgent",
    needs: ["basic"],
    priority: "urgent",
  },
];

/** Asks until the answer is something. */
export async function until(what, ask, limit_ms = WAIT_MS) {
  const end = Date.now() + limit_ms;
  while (Date.now() < end) {
    const answer = await ask();
    if (answer) return answer;
    await pause(300);
  }
  throw new Error(`${what}: not within ${limit_ms / 1000} s`);
}

/** One person of the demonstration, by the API. */
export async function person(url, name) {
  const headers = { "Mingdi-Drill": "1", "Content-Type": "application/json" };
  const ask = async (method, path, body) => {
    const sent = { method, headers: { ...headers, "Idempotency-Key": crypto.randomUUID() } };
    if (body) sent.body = JSON.stringify(body);
    const answer = await fetch(`${url}/api/v1${path}`, sent);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return { value: text ? JSON.parse(text) : null, cookie: answer.headers.get("set-cookie") };
  };
  const { value, cookie } = await ask("POST", "/session", { name, password: PASSWORD });
  headers.Cookie = cookie.split(";")[0];
  headers["X-CSRF-Token"] = value.csrf;
  return {
    get: async (path) => (await ask("GET", path)).value,
    put: async (path, body) => (await ask("PUT", path, body)).value,
    post: async (path, body) => (await ask("POST", path, body)).value,
  };
}

async function signInPage({ browser, url, look }) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 } });
  const page = await context.newPage();
  await page.addInitScript(
    (stored) => {
      for (const [key, value] of Object.entries(stored)) localStorage.setItem(`mingdi.${key}`, value);
    },
    { language: look.language, theme: look.theme },
  );
  await page.goto(`${url}/`);
  await page.locator("main li button").first().waitFor();
  return page;
}

/** A call that this call-taker has answered: what is told is an exercise's, in the caller's language. */
async function answered(anna, seat, language, { says, road, lon, lat, meant }) {
  const own = language === "en" ? "en" : "zh";
  const at = { en: `I am at ${road}, lon ${lon}, lat ${lat}.`, zh: `我在 ${road}, lon ${lon}, lat ${lat}.` }[own];
  const remarks = `EXERCISE. ${says[own]} ${at} (Meant: ${meant}.)`;
  const { made: call } = await anna.post("/calls", { number: "000-70120", remarks });
  await anna.post("/commands/call_answer", { call, seat });
  return call;
}

/** Somebody else's call, as it is handed to dispatch. */
async function handedOver(anna, seat, language, story) {
  const call = await answered(anna, seat, language, story);
  const { lon, lat, needs, priority } = story;
  await anna.post("/commands/call_locate", { call, point: { lon, lat } });
  await anna.post("/commands/call_triage", { call, needs, priority, units_wanted: 1 });
}

/** A call answered, its place taken, the protocol that is meant begun, and questions answered until compressions are led. */
async function answer({ boss, open, url, look }) {
  await boss.put("/drill/speed", { speed: 1 });
  const page = await open("anna", "answer");
  // At the seat, whether or not the call of who played it until now is still on the line.
  await page
    .getByText(/You sit at C1|您在 C1/)
    .or(page.getByRole("group", { name: /^(Answers|回答)$/ }))
    .or(page.getByRole("textbox"))
    .first()
    .waitFor();
  await pause(2000);
  const anna = await person(url, "anna");
  const call = await answered(anna, FIRST_SEAT, look.language, STORIES[0]);
  await page.goto(`${url}/console/answer?call=${call}`);
  await pause(3000);
  await page.keyboard.press("Enter"); // the place that the caller names
  await pause(2500);
  await page.keyboard.type("a"); // cardiac arrest
  await page.keyboard.press("Enter");
  const answers = page.getByRole("group", { name: /^(Answers|回答)$/ }).getByRole("button");
  await answers.first().waitFor();
  for (let count = 0; count < 2; count += 1) {
    await pause(900);
    await page.keyboard.press((await answers.first().innerText()).trim()[0].toLowerCase());
  }
  await pause(3500);
  for (const story of STORIES.slice(1)) await handedOver(anna, FIRST_SEAT, look.language, story);
  return page;
}

/** Every desk taken, so that what comes waits for this person. */
async function dispatch({ open }) {
  const page = await open("david", "dispatch");
  await pause(2500);
  const free = page.getByRole("button", { name: /^(Take desk|接管)/ });
  while ((await free.count()) > 0) {
    await free.first().click();
    await pause(800);
  }
  await page.keyboard.press("n");
  await pause(4000);
  return page;
}

async function map({ open }) {
  const page = await open("karin", "map");
  await page.locator("canvas").first().waitFor();
  await pause(9000);
  return page;
}

async function hospital({ open, boss }) {
  const page = await open("sahlgrenska", "hospital");
  const takes = page.getByRole("button", { name: /Take it in hand|接管/ });
  if ((await takes.count()) > 0) await takes.first().click();
  const own = (await boss.get("/facilities?limit=500")).items.find(({ code }) => code === "sahlgrenska");
  await until("a patient", async () => {
    const { items } = await boss.get("/missions?open=true&limit=500");
    return items.some((one) => one.facility === own.id);
  }).catch(() => {});
  await pause(2500);
  return page;
}

/** his-1 taken in hand, with an order. */
async function crew({ open, boss }) {
  const page = await open("his-1", "crew", [390, 844]);
  const unit = (await boss.get("/units?limit=500")).items.find(({ code }) => code === "his-1");
  const take = page.getByRole("button", { name: /in hand|接管/ }).first();
  await pause(1500);
  if ((await take.count()) > 0) {
    const box = await take.boundingBox();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.down();
    await pause(HELD_MS);
    await page.mouse.up();
  }
  await until("an order", async () => {
    const { items } = await boss.get(`/missions?open=true&unit=${unit.id}`);
    if (items.length > 0) return true;
    const waiting = (await boss.get("/incidents?open=true&limit=500")).items.filter(
      (one) => one.state === "recommended",
    );
    for (const { id } of waiting) {
      const order = { incident: id, unit: unit.id, override: "local_knowledge" };
      if (await boss.post("/commands/unit_assign", order).catch(() => null)) return true;
    }
    return false;
  });
  await pause(3000);
  return page;
}

async function wall({ open }) {
  const page = await open("karin", "wall", [1920, 1080]);
  await pause(9000);
  return page;
}

async function reviewTab(shot, query) {
  const page = await shot.open("quentin", `review?${query}`);
  await pause(6000);
  return page;
}

async function story(shot) {
  const quentin = await person(shot.url, "quentin");
  const span = "from=2000-01-01T00:00:00Z&to=2100-01-01T00:00:00Z";
  const { items: calls } = await quentin.get(`/reports/calls?${span}&limit=500`);
  const served = calls.filter((call) => call.result === "served" && call.incident);
  return reviewTab(shot, `tab=story&incident=${(served.at(-1) ?? calls.at(-1)).incident}`);
}

/** In the middle of the film. */
async function replay(shot) {
  const page = await reviewTab(shot, "tab=replay");
  const slider = page.getByRole("slider").first();
  const box = await slider.boundingBox();
  await page.mouse.click(box.x + box.width * 0.7, box.y + box.height / 2);
  await page.mouse.click(box.x + box.width / 2, box.y - 20);
  await pause(2500);
  return page;
}

async function administration({ open }, section) {
  const page = await open("admin", `admin?section=${section}`);
  await pause(1500);
  await page
    .getByRole("option")
    .or(page.getByRole("row"))
    .nth(2)
    .click()
    .catch(() => {});
  await pause(1500);
  return page;
}

/** A form half typed, and one that is in: the day before, the server was away for an hour. */
async function paper({ open, url, look }) {
  const anna = await person(url, "anna");
  const { now, time_zone } = await anna.get("/centre");
  const at = (minutes) => new Date(Date.parse(now) + minutes * 60_000).toISOString().replace(/\.\d+Z$/, "Z");
  const wall = (minutes) =>
    new Intl.DateTimeFormat("sv", { timeZone: time_zone, dateStyle: "short", timeStyle: "short" })
      .format(Date.parse(now) + minutes * 60_000)
      .replace(" ", "T");
  const clock = (minutes) => wall(minutes).slice(-5);
  const period = { outage_begun_at: at(-1500), outage_ended_at: at(-1430) };
  const number = (serial) => {
    const digits = Number(`2611224070${String(serial).padStart(3, "0")}00`);
    return digits + 98 - (digits % 97);
  };
  const { items: units } = await anna.get("/units?limit=500");
  const { items: facilities } = await anna.get("/facilities?limit=500");
  const [first, second] = [STORIES[1], STORIES[2]];
  const whole = {
    form: number(look.language === "en" ? 11 : 12),
    ...period,
    occurred_at: at(-1490),
    answered_at: at(-1489.9),
    triaged_at: at(-1488),
    result: "incident",
    place: { lon: first.lon, lat: first.lat },
    needs: first.needs,
    priority: first.priority,
    units_wanted: 1,
    items: [
      {
        unit: units[3].id,
        taken_to: facilities[0].id,
        assigned_at: at(-1487),
        on_scene_at: at(-1478),
        at_facility_at: at(-1455),
      },
    ],
  };
  await anna.post("/paper", whole).catch(() => {}); // the other language has entered it
  const page = await open("anna", "paper", [1366, 768]);
  await page.locator("form [data-field=form] input").waitFor();
  const { person: who } = await anna.get("/session");
  const stage = (minutes) => clock(-1480 + minutes);
  const empty = { notified: "", at_patient: "", handed_over: "", available: "", back_at_post: "", ended: "" };
  const form = {
    form: String(number(17)).slice(-6),
    day: "",
    rang: stage(0),
    answered: stage(0),
    seat: String(FIRST_SEAT),
    number: "000-70133",
    name: "",
    located: stage(1),
    placeText: second.road,
    place: { name: second.road, lon: second.lon, lat: second.lat },
    district: "",
    remarks: look.language === "en" ? "cyclist hit by a car, at the tram stop" : "骑车人被汽车撞倒，在电车站旁",
    recognised: "",
    compressions: "",
    priority: "severe",
    decided: stage(2),
    wanted: "",
    needs: ["advanced"],
    without: "",
    sameAs: "",
    short: "",
    whyShort: "",
    units: [
      {
        ...empty,
        unit: units[0].code,
        sent: stage(3),
        acknowledged: stage(4),
        departed: stage(5),
        on_scene: stage(4),
        left_scene: stage(28),
        hospital: facilities[0].code,
        at_hospital: stage(39),
      },
    ],
  };
  const outage = { begun: wall(-1500), ended: wall(-1430), run: "261122-407" };
  await page.evaluate(
    (drafts) => {
      for (const [name, value] of Object.entries(drafts)) sessionStorage.setItem(name, JSON.stringify(value));
    },
    { [`mingdi.draft.${who.id}.paper.outage`]: outage, [`mingdi.draft.${who.id}.paper.form`]: form },
  );
  await page.reload();
  await page.locator('[data-field="units.0.on_scene"] input').focus();
  await page.keyboard.press("Enter");
  await pause(2500);
  return page;
}

export const SHOTS = {
  answer,
  dispatch,
  crew,
  hospital,
  map,
  wall,
  paper,
  "review-figures": (shot) => reviewTab(shot, ""),
  "review-story": story,
  "review-replay": replay,
  "admin-people": (shot) => administration(shot, "people"),
  "admin-protocols": (shot) => administration(shot, "protocols"),
  "sign-in": signInPage,
};
