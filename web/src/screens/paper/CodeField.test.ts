import { expect, it } from "vitest";
import { codeMeant, codesFor } from "@/screens/paper/CodeField";

const UNITS = [
  { id: 1, code: "130", name: "130" },
  { id: 2, code: "his-1", name: "Hisingen 1" },
  { id: 3, code: "his-2", name: "Hisingen 2" },
  { id: 4, code: "mol-1", name: "Mölndal 13" },
];

it("finds by the code's beginning first, then by a part of the name", () => {
  expect(codesFor(UNITS, "13").map((unit) => unit.code)).toEqual(["130", "mol-1"]);
  expect(codesFor(UNITS, " ")).toEqual([]);
});

it("completes what can mean one thing only", () => {
  expect(codeMeant(UNITS, "HIS-2")?.id).toBe(3);
  expect(codeMeant(UNITS, "mol")?.id).toBe(4);
  expect(codeMeant(UNITS, "möln")?.id).toBe(4);
});

it("completes nothing where two fit, none does, or a number would become another number", () => {
  expect(codeMeant(UNITS, "his")).toBeUndefined();
  expect(codeMeant(UNITS, "x")).toBeUndefined();
  expect(codeMeant(UNITS.slice(0, 1), "13")).toBeUndefined();
});
