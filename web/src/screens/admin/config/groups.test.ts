import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import english from "@/i18n/en/admin.json" with { type: "json" };
import { checkSetting, GROUPS, sentValueOf } from "@/screens/admin/config/groups";
import type { Setting } from "@/screens/admin/types";

/** The names of the server's table, in its order. */
function serverSettings(): string[] {
  const table = readFileSync(join(import.meta.dirname, "../../../../../src/host/config_table.c"), "utf8");
  const body = table.slice(table.indexOf("const struct setting SETTINGS[]"));
  return [...body.matchAll(/\b(?:INTEGER|FLAG|TEXT)\(\s*(\w+),/g)].map(([, name = ""]) => name);
}

const integer: Setting = {
  name: "lock_minutes",
  type: "integer",
  unit: "min",
  minimum: 1,
  maximum: 1440,
  default: 15,
  value: 15,
  live: true,
  origin: "default",
  summary: "",
};

describe("settings", () => {
  it("are grouped as the server has them", () => {
    const names = serverSettings();
    expect(names.length).toBeGreaterThan(50);
    expect(Object.values(GROUPS).flat()).toEqual(names);
  });

  it("each have words", () => {
    const words = Object.keys((english as { setting: Record<string, string> }).setting);
    expect(words.toSorted()).toEqual(serverSettings().toSorted());
  });

  it("are checked against their range", () => {
    expect(checkSetting(integer, "1440")).toBeUndefined();
    expect(checkSetting(integer, "1441")?.fault).toBe("range");
    expect(checkSetting(integer, "soon")?.fault).toBe("number");
    const level: Setting = { ...integer, name: "log_level", type: "text" };
    expect(checkSetting(level, "loud")?.fault).toBe("choose");
    expect(checkSetting(level, "debug")).toBeUndefined();
  });

  it("are sent as what they are", () => {
    expect(sentValueOf(integer, "20")).toBe(20);
    expect(sentValueOf({ ...integer, type: "flag" }, "true")).toBe(true);
    expect(sentValueOf({ ...integer, type: "flag" }, "false")).toBe(false);
    expect(sentValueOf({ ...integer, type: "text" }, "20")).toBe("20");
  });
});
