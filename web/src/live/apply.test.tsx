// @vitest-environment happy-dom
import type { Unit } from "@schema";
import { act, cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { applyMessage, forgetLive, publish, subscribeEvents } from "@/live/apply";
import { serverNow_ms } from "@/live/clock";
import { useEntity, useIds } from "@/live/hooks";
import type { SnapshotMessage } from "@/live/messages";
import { positionOf, subscribePositions } from "@/live/positions";
import { entityOf, liveStore } from "@/live/state";

const NOW = "2026-11-22T08:30:00.000000Z";
const unit = (id: number, state: Unit["state"]) =>
  ({ id, revision: 1, code: `u${id}`, name: `Unit ${id}`, state }) as Unit;

function snapshot(units: Unit[]): SnapshotMessage {
  return {
    type: "snapshot",
    sequence: 10,
    fingerprint: "0a",
    now: NOW,
    speed: 5,
    state: { units, control: [], positions: [[1, 119_746_000, 577_088_700, 850]] },
  };
}

beforeEach(forgetLive);
afterEach(cleanup);

const drawn: number[] = [];
const FREE = { where: (one: Unit) => one.state === "at_post" };

function Row({ id }: { id: number }) {
  const one = useEntity("units", id);
  drawn.push(id);
  return <li>{`${one?.name} ${one?.state}`}</li>;
}

function List() {
  const ids = useIds("units", FREE);
  drawn.push(0);
  return (
    <ul>
      {ids.map((id) => (
        <Row key={id} id={id} />
      ))}
    </ul>
  );
}

const tell = (message: Parameters<typeof applyMessage>[0]) =>
  act(() => {
    applyMessage(message);
    publish();
  });

describe("the store", () => {
  it("draws the row that has changed, and no other", () => {
    render(<List />);
    tell(snapshot([unit(1, "at_post"), unit(2, "at_post"), unit(3, "on_mission")]));
    expect(screen.getAllByRole("listitem").map((item) => item.textContent)).toEqual([
      "Unit 1 at_post",
      "Unit 2 at_post",
    ]);
    drawn.length = 0;
    tell({
      type: "change",
      sequence: 11,
      fingerprint: "11",
      from: 10,
      now: NOW,
      speed: 1,
      units: [{ ...unit(2, "at_post"), name: "Two" }],
    });
    expect(drawn).toEqual([2]);
    expect(screen.getAllByRole("listitem")[1]?.textContent).toBe("Two at_post");
  });

  it("takes what is gone out of the lists", () => {
    render(<List />);
    tell(snapshot([unit(1, "at_post"), unit(2, "at_post")]));
    tell({ type: "change", sequence: 12, fingerprint: "12", from: 10, now: NOW, speed: 1, gone: { units: [1] } });
    expect(screen.getAllByRole("listitem")).toHaveLength(1);
    expect(entityOf("units", 1)).toBeUndefined();
    expect(liveStore.getState().sequence).toBe(12);
  });

  it("replaces everything by a snapshot", () => {
    tell(snapshot([unit(1, "at_post"), unit(2, "at_post")]));
    tell({ ...snapshot([unit(2, "returning")]), sequence: 90 });
    expect([...liveStore.getState().tables.units.keys()]).toEqual([2]);
  });

  it("has nothing any more of what the centre has lost", () => {
    tell(snapshot([unit(1, "at_post"), unit(2, "at_post")]));
    tell({
      type: "change",
      sequence: 12,
      fingerprint: "12",
      from: 10,
      now: NOW,
      speed: 1,
      units: [unit(3, "at_post")],
    });
    expect(liveStore.getState()).toMatchObject({ sequence: 12, fingerprint: "12", lost: 0 });
    tell({ ...snapshot([unit(2, "returning")]), sequence: 11, fingerprint: "ff", reset: true });
    expect([...liveStore.getState().tables.units.keys()]).toEqual([2]);
    expect(liveStore.getState()).toMatchObject({ sequence: 11, fingerprint: "ff", lost: 1 });
  });

  it("goes back with its number, also when it has not been drawn yet", () => {
    tell({ ...snapshot([]), sequence: 120, fingerprint: "aa" });
    act(() => {
      applyMessage({ ...snapshot([]), sequence: 90, fingerprint: "bb", reset: true });
      applyMessage({ type: "clock", sequence: 90, fingerprint: "bb", now: NOW, speed: 1 });
      publish();
    });
    expect(liveStore.getState()).toMatchObject({ sequence: 90, fingerprint: "bb" });
  });

  it("keeps the newest of what is over, not all of it", () => {
    const closed = Array.from({ length: 5_000 }, (_, i) => ({ id: i + 1, state: "closed" }) as never);
    tell({ type: "change", sequence: 11, fingerprint: "11", from: 10, now: NOW, speed: 1, calls: closed });
    const { calls } = liveStore.getState().tables;
    expect(calls.size).toBeLessThanOrEqual(400);
    expect(calls.has(5_000)).toBe(true);
  });

  it("tells events and positions to those who listen", () => {
    const events = vi.fn();
    const positions = vi.fn();
    const ends = [subscribeEvents(events), subscribePositions(positions)];
    tell({
      type: "change",
      sequence: 11,
      fingerprint: "11",
      from: 10,
      now: NOW,
      speed: 1,
      events: [{ event: "call_offered", call: 1 }],
    });
    tell({ type: "positions", now: NOW, items: [[7, 119_746_000, -577_088_700, 2_000]] });
    expect(events).toHaveBeenCalledWith([{ event: "call_offered", call: 1 }]);
    expect(positionOf(7)).toEqual({
      unit: 7,
      lon: 11.9746,
      lat: -57.70887,
      at_ms: expect.closeTo(Date.parse(NOW) - 2_000, -3),
      suggested: null,
    });
    for (const end of ends) end();
    tell({ type: "positions", now: NOW, items: [[7, 0, 0, 0]] });
    expect(positions).toHaveBeenCalledTimes(1);
  });
});

it("the clock runs as fast as the centre's", () => {
  vi.useFakeTimers();
  applyMessage({ type: "clock", sequence: 1, fingerprint: "1", now: NOW, speed: 20 });
  vi.advanceTimersByTime(3_000);
  expect(serverNow_ms()).toBeCloseTo(Date.parse(NOW) + 60_000, -2);
  vi.useRealTimers();
});
