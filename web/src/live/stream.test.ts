// @vitest-environment happy-dom
import { beforeEach, describe, expect, it, vi } from "vitest";
import { forgetLive } from "@/live/apply";
import { liveStore } from "@/live/state";
import { Stream, streamUrl } from "@/live/stream";

class FakeSocket {
  readyState: number = WebSocket.OPEN;
  sent: string[] = [];
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  onerror: (() => void) | null = null;
  constructor(readonly url: string) {}
  send(text: string) {
    this.sent.push(text);
  }
  close() {
    this.readyState = WebSocket.CLOSED;
  }
  say(message: object) {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

const sockets: FakeSocket[] = [];
let online = true;
let stream: Stream;
const last = () => sockets[sockets.length - 1] as FakeSocket;
const connection = () => liveStore.getState().connection;
const PRINT = "9f86d081884c7d65";
const SNAPSHOT = {
  type: "snapshot",
  sequence: 120,
  fingerprint: PRINT,
  now: "2026-11-22T08:30:00Z",
  speed: 1,
  state: { units: [] },
};

beforeEach(() => {
  vi.useFakeTimers();
  forgetLive();
  sockets.length = 0;
  online = true;
  stream = new Stream({
    open: (url) => {
      sockets.push(new FakeSocket(url));
      return last() as unknown as WebSocket;
    },
    now: () => performance.now(),
    online: () => online,
    random: () => 0.5,
  });
  stream.start();
  return () => {
    stream.stop();
    vi.useRealTimers();
  };
});

async function live() {
  last().say(SNAPSHOT);
  await vi.advanceTimersByTimeAsync(120);
}

describe("the stream", () => {
  it("is live with its first message", async () => {
    expect(connection()).toBe("connecting");
    await live();
    expect(connection()).toBe("live");
    expect(liveStore.getState().ready).toBe(true);
  });

  it("tells what was lost before it is live again", async () => {
    await live();
    last().onclose?.();
    await vi.advanceTimersByTimeAsync(2_000);
    const lost = liveStore.getState().lost;
    const seen: number[] = [];
    const end = liveStore.subscribe((now, before) => {
      if (now.connection === "live" && before.connection !== "live") seen.push(now.lost - lost);
    });
    last().say({ ...SNAPSHOT, reset: true });
    end();
    expect(seen).toEqual([1]);
  });

  it("asks for a sign of life when it is quiet, and shows within 2 s that none comes", async () => {
    await live();
    await vi.advanceTimersByTimeAsync(1_250);
    expect(last().sent).toEqual(['{"type":"ping"}']);
    expect(connection()).toBe("live");
    await vi.advanceTimersByTimeAsync(750);
    expect(connection()).toBe("silent");
  });

  it("stays live as long as its questions are answered", async () => {
    await live();
    for (let second = 0; second < 30; second += 1) {
      await vi.advanceTimersByTimeAsync(1_300);
      last().say({ type: "pong", sequence: 120, fingerprint: PRINT, now: "2026-11-22T08:30:10Z", speed: 1 });
      expect(connection()).toBe("live");
    }
    expect(sockets).toHaveLength(1);
  });

  it("tries another socket after 7 s of silence, from where it was", async () => {
    await live();
    await vi.advanceTimersByTimeAsync(8_000);
    expect(sockets.length).toBeGreaterThan(1);
    expect(new URL(last().url).searchParams.get("after")).toBe("120");
    expect(new URL(last().url).searchParams.get("fingerprint")).toBe(PRINT);
    last().say({ type: "clock", sequence: 121, fingerprint: PRINT, now: "2026-11-22T08:30:10Z", speed: 1 });
    expect(connection()).toBe("live");
  });

  it("goes on from what a centre still has that has lost what was known here", async () => {
    await live();
    last().onclose?.();
    await vi.advanceTimersByTimeAsync(600);
    last().say({ ...SNAPSHOT, sequence: 90, fingerprint: "other", reset: true });
    last().say({ type: "pong", sequence: 90, fingerprint: "other", now: "2026-11-22T08:30:10Z", speed: 1 });
    await vi.advanceTimersByTimeAsync(120);
    expect(liveStore.getState()).toMatchObject({ sequence: 90, fingerprint: "other", lost: 1 });
    last().onclose?.();
    await vi.advanceTimersByTimeAsync(600);
    expect(new URL(last().url).searchParams.get("after")).toBe("90");
    expect(new URL(last().url).searchParams.get("fingerprint")).toBe("other");
  });

  it("shows at once that the socket has closed, and comes back by itself", async () => {
    await live();
    last().onclose?.();
    expect(connection()).toBe("closed");
    await vi.advanceTimersByTimeAsync(600);
    expect(sockets).toHaveLength(2);
  });

  it("pauses longer each time, up to some seconds", async () => {
    await live();
    for (let i = 0; i < 12; i += 1) {
      last().onclose?.();
      await vi.advanceTimersByTimeAsync(5_500);
    }
    expect(sockets).toHaveLength(13);
    last().onclose?.();
    await vi.advanceTimersByTimeAsync(3_000);
    expect(sockets).toHaveLength(13);
  });

  it("counts as cut when the machine has no network", async () => {
    await live();
    online = false;
    await vi.advanceTimersByTimeAsync(300);
    expect(connection()).toBe("closed");
  });

  it("hears nothing more from a socket that it has left", async () => {
    await live();
    const old = last();
    old.onclose?.();
    await vi.advanceTimersByTimeAsync(600);
    old.say({ type: "clock", sequence: 500, fingerprint: PRINT, now: "2026-11-22T08:30:10Z", speed: 1 });
    expect(connection()).toBe("closed");
  });
});

it("its address says what is known and that a drill is meant", () => {
  const known = { sequence: 17, fingerprint: PRINT };
  expect(streamUrl(known, true)).toMatch(
    /^wss?:\/\/.*\/api\/v1\/stream\?after=17&fingerprint=9f86d081884c7d65&drill=1$/,
  );
  expect(streamUrl({ sequence: 0, fingerprint: "" }, false)).toMatch(/\/api\/v1\/stream$/);
});
