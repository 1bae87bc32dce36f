// The names are held to the numbers that the policies' own headers give them.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { destinationRule, dispatchRule } from "@/screens/dispatch/ladder";

const POLICY = join(import.meta.dirname, "../../../../src/policy");

/** The members of an enumeration in order, without their prefix and without the end mark. */
function members(header: string, name: string): string[] {
  const text = readFileSync(join(POLICY, header), "utf8");
  const body = new RegExp(`enum ${name} \\{([^}]*)\\}`).exec(text)?.[1] ?? "";
  const all = [...body.matchAll(/([A-Z_]+)(?: = 1)?,/g)].map((match) => match[1] ?? "");
  const end = all.pop() ?? "";
  return all.map((member) => member.slice(end.replace("RULE_END", "").length).toLowerCase());
}

const numbered = (count: number, rule: (number: number) => string | null) =>
  Array.from({ length: count }, (_, index) => rule(index + 1));

it.each([
  ["dispatch.h", "dispatch_rule", (rule: number) => dispatchRule("standard", rule)],
  ["dispatch.h", "nearest_rule", (rule: number) => dispatchRule("nearest", rule)],
  ["destination.h", "destination_rule", (rule: number) => destinationRule("standard", rule)],
] as const)("%s: %s", (header, name, rule) => {
  const names = members(header, name);
  expect(names.length).toBeGreaterThan(1);
  expect(numbered(names.length, rule)).toEqual(names);
  expect(rule(names.length + 1)).toBeNull();
});

it("the first has lost by no rule", () => expect(dispatchRule(undefined, 0)).toBeNull());

it("the nearest facility is told by the way alone", () => {
  expect(members("destination.h", "nearest_facility_rule")).toEqual(["nearest", "id"]);
  expect(numbered(3, (rule) => destinationRule("nearest", rule))).toEqual(["nearer", "id", null]);
});
