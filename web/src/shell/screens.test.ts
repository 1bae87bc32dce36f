import { describe, expect, it } from "vitest";
import { homeOf, screensOf } from "@/shell/screens";

const names = (...roles: Parameters<typeof screensOf>[0]) => screensOf(roles).map((screen) => screen.name);

describe("whose screens", () => {
  it("shows nobody a screen that the server would leave empty", () => {
    expect(names("auditor")).toEqual(["admin"]); // schema/rights.toml gives auditors no report
    expect(names("planner")).toEqual(["review"]);
    expect(names("quality_reviewer")).toEqual(["map", "review"]);
    expect(names()).toEqual([]);
  });

  it("begins where the role's own work is", () => {
    expect(homeOf(["duty_commander"])).toBe("wall");
    expect(homeOf(["auditor"])).toBe("admin");
    expect(homeOf(["call_taker"])).toBe("answer");
    expect(homeOf([])).toBeUndefined();
  });
});
