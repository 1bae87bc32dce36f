import { beforeEach, describe, expect, it } from "vitest";
import type { ProblemDetails } from "@/api/problem";
import { centreTime_ms } from "@/lib/contact";
import { type Kept, KeptQueue, type KeptStorage, type Outcome } from "@/lib/kept";

const ME = 7;
const noNetwork: ProblemDetails = { name: "no_connection", status: 0, detail: "" };
const late: ProblemDetails = { name: "transition", status: 409, detail: "" };

let disk: Map<string, Kept>;
let sent: string[];
let answer: (item: Kept) => Outcome | Promise<Outcome>;

const storage: KeptStorage = {
  // As a disk would: copies, in no particular order.
  all: async () => structuredClone([...disk.values()]).sort((one, other) => one.key.localeCompare(other.key)),
  put: async (item) => void disk.set(item.key, structuredClone(item)),
  remove: async (key) => void disk.delete(key),
};

function makeQueue(over: Partial<KeptStorage> = {}): KeptQueue {
  return new KeptQueue({ ...storage, ...over }, async (item) => {
    sent.push(item.key);
    return answer(item);
  });
}

const act = (key: string, person = ME) => ({ key, person, path: "/p", body: { of: key }, at_ms: 1000 });
const keys = (queue: KeptQueue) => queue.get().items.map((item) => item.key);

beforeEach(() => {
  disk = new Map();
  sent = [];
  answer = () => ({ done: 1 });
});

describe("what was done without network", () => {
  it("is sent in the order in which it was done, each once", async () => {
    answer = () => ({ later: noNetwork });
    const queue = makeQueue();
    // Keys whose alphabetical order is not that of the acts.
    for (const key of ["z", "m", "a"]) await queue.add(act(key));
    await queue.flush(ME);
    expect(sent).toEqual(["z"]);
    expect(queue.get().trouble).toEqual(noNetwork);
    sent = [];
    answer = () => ({ done: 1 });
    await queue.flush(ME);
    expect(sent).toEqual(["z", "m", "a"]);
    expect(keys(queue)).toEqual([]);
    expect(disk.size).toBe(0);
    expect(queue.get().trouble).toBeNull();
  });

  it("survives the end of the page, with its order, key, body and time", async () => {
    answer = () => ({ later: noNetwork });
    const before = makeQueue();
    for (const key of ["z", "a"]) await before.add(act(key));
    const after = makeQueue();
    await after.load();
    expect(after.get().items).toMatchObject([act("z"), act("a")]);
    await after.add(act("b"));
    answer = () => ({ done: 1 });
    await after.flush(ME);
    expect(sent).toEqual(["z", "a", "b"]);
  });

  it("goes on where it stopped when a later act has to wait", async () => {
    const queue = makeQueue();
    for (const key of ["1", "2", "3"]) await queue.add(act(key));
    answer = (item) => (item.key === "2" ? { later: noNetwork } : { done: 1 });
    await queue.flush(ME);
    expect(keys(queue)).toEqual(["2", "3"]);
    expect(sent).toEqual(["1", "2"]);
  });

  it("is not sent by another person, and not lost", async () => {
    const queue = makeQueue();
    await queue.add(act("theirs", 8));
    await queue.add(act("mine"));
    await queue.flush(ME);
    expect(sent).toEqual(["mine"]);
    expect(keys(queue)).toEqual(["theirs"]);
    expect([...disk.keys()]).toEqual(["theirs"]);
  });

  it("is sent once though it is asked for twice, also what comes in between", async () => {
    const queue = makeQueue();
    await queue.add(act("1"));
    answer = async (item) => {
      if (item.key === "1") await queue.add(act("2"));
      return { done: 1 };
    };
    await Promise.all([queue.flush(ME), queue.flush(ME)]);
    expect(sent).toEqual(["1", "2"]);
  });
});

describe("a refusal", () => {
  beforeEach(() => {
    answer = (item) => (item.key === "1" ? { refusal: late } : { done: 1 });
  });

  it("stops nothing, and stays until it is put away, over the end of the page too", async () => {
    const queue = makeQueue();
    await queue.add(act("1"));
    await queue.add(act("2"));
    await queue.flush(ME);
    expect(sent).toEqual(["1", "2"]);
    const after = makeQueue();
    await after.load();
    expect(after.get().items).toMatchObject([{ key: "1", refusal: late }]);
    await after.flush(ME);
    expect(sent).toEqual(["1", "2"]);
    await after.putAway("1");
    expect(disk.size).toBe(0);
  });

  it("can be tried again as it was", async () => {
    const queue = makeQueue();
    await queue.add(act("1"));
    await queue.flush(ME);
    answer = () => ({ done: 1 });
    await queue.retry("1");
    await queue.flush(ME);
    expect(sent).toEqual(["1", "1"]);
    expect(disk.size).toBe(0);
  });

  it("only is put away: what waits is not", async () => {
    const queue = makeQueue();
    await queue.add(act("2"));
    await queue.putAway("2");
    expect(keys(queue)).toEqual(["2"]);
  });
});

it("a device that keeps nothing sends all the same, and says so", async () => {
  const full = async () => Promise.reject(new Error("full"));
  const queue = makeQueue({ put: full });
  await queue.add(act("1"));
  expect(queue.get().volatile).toBe(true);
  await queue.flush(ME);
  expect(sent).toEqual(["1"]);
  expect(keys(queue)).toEqual([]);
});

it("what was taken is held until the live state has it", async () => {
  answer = () => ({ done: 40 });
  const queue = makeQueue();
  await queue.add(act("1"));
  await queue.flush(ME);
  queue.shown(39);
  expect(queue.get().taken.map((one) => one.item.key)).toEqual(["1"]);
  queue.shown(40);
  expect(queue.get().taken).toEqual([]);
});

describe("the centre's clock without the centre", () => {
  const contact = { centre_ms: 1_000_000, here_ms: 500, speed: 10 };
  it("goes on at its speed", () => expect(centreTime_ms(contact, 2_500)).toBe(1_020_000));
  it("is not set back with the phone's", () => expect(centreTime_ms(contact, 100, 3_000)).toBe(1_030_000));
  it("goes on while the phone sleeps", () => expect(centreTime_ms(contact, 60_500, 10)).toBe(1_600_000));
});
