import type { Unit } from "@schema";
import { beforeEach, expect, it } from "vitest";
import { boardState, byDuty } from "@/board/board";
import { resetClock } from "@/live/clock";
import { liveStore, resetLive } from "@/live/state";

const NOW_MS = Date.parse("2026-11-22T06:00:00Z");

beforeEach(() => {
  resetLive();
  resetClock(NOW_MS);
});

it("a board is of when the centre was heard last, however long ago that is", () => {
  const here_ms = 1_000_000;
  liveStore.setState({ connection: "closed", heardAt_ms: here_ms - 720_000 });
  const board = boardState(here_ms);
  expect(board.cut).toBe(true);
  expect(board.printed_ms - board.asOf_ms).toBeCloseTo(720_000, 0);
});

it("a board of a centre that is heard is of now", () => {
  liveStore.setState({ connection: "live", heardAt_ms: performance.now() });
  const board = boardState();
  expect([board.cut, board.asOf_ms]).toEqual([false, board.printed_ms]);
});

it("units stand by their codes as people count, those off duty last", () => {
  const unit = (code: string, state: Unit["state"]) => ({ code, state }) as Unit;
  const all = [unit("A10", "at_post"), unit("A1", "off_duty"), unit("A9", "on_mission"), unit("A2", "out_of_service")];
  expect(all.sort(byDuty).map(({ code }) => code)).toEqual(["A9", "A10", "A2", "A1"]);
});
