import type { Alarm } from "@schema";
import { expect, it } from "vitest";
import { isAbout, isOwn } from "@/screens/dispatch/alarms";

const alarm = (subject_kind: Alarm["subject_kind"], subject: number) => ({ subject_kind, subject }) as Alarm;
const incident = { id: 4, missions: [{ id: 9, state: "departed" as const, unit: 2 }] };

it("an alarm is about an incident itself, through a mission, or through a unit at work on it", () => {
  expect(isAbout(alarm("incident", 4), incident)).toBe(true);
  expect(isAbout(alarm("incident", 9), incident)).toBe(false);
  expect(isAbout(alarm("mission", 9), incident)).toBe(true);
  expect(isAbout(alarm("unit", 2), incident)).toBe(true);
  expect(isAbout(alarm("facility", 4), incident)).toBe(false);
});

it("is acknowledged by its desk and by the duty commander", () => {
  expect(isOwn({ owner: "dispatcher" }, ["dispatcher"])).toBe(true);
  expect(isOwn({ owner: "duty_commander" }, ["dispatcher"])).toBe(false);
  expect(isOwn({ owner: "hospital" }, ["duty_commander"])).toBe(true);
});
