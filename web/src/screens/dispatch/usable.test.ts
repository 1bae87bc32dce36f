import { expect, it } from "vitest";
import { canStillGo } from "@/screens/dispatch/usable";

it("a unit can go while it is free, or on its way from where it would be taken", () => {
  expect(canStillGo({ state: "at_post" }, undefined, null)).toBe(true);
  expect(canStillGo({ state: "returning" }, undefined, null)).toBe(true);
  expect(canStillGo({ state: "on_mission" }, { state: "departed", incident: 11 }, 11)).toBe(true);
});

it("a unit cannot go any more once it is there, sent elsewhere, or off", () => {
  expect(canStillGo({ state: "on_mission" }, { state: "on_scene", incident: 11 }, 11)).toBe(false);
  expect(canStillGo({ state: "on_mission" }, { state: "assigned", incident: 12 }, null)).toBe(false);
  expect(canStillGo({ state: "out_of_service" }, undefined, null)).toBe(false);
  expect(canStillGo(undefined, undefined, null)).toBe(false);
});
