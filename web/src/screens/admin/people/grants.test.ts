import type { Grant } from "@schema";
import { describe, expect, it } from "vitest";
import { checkGrants } from "@/screens/admin/people/grants";

const crew: Grant = { role: "crew", scope: "unit", id: 4 };
const dispatcher: Grant = { role: "dispatcher", scope: "centre", id: 0 };

describe("grants", () => {
  it("may be none, and several", () => {
    expect(checkGrants([])).toBeUndefined();
    expect(checkGrants([dispatcher, crew, { ...crew, id: 5 }])).toBeUndefined();
  });
  it("need a role, and what the scope is of", () => {
    expect(checkGrants([{ role: "", scope: "centre", id: 0 }])?.fault).toBe("choose");
    expect(checkGrants([dispatcher, { ...crew, id: 0 }])?.fault).toBe("choose");
  });
  it("are given once", () => expect(checkGrants([crew, dispatcher, { ...crew }])?.fault).toBe("twice"));
  it("are eight at most", () => {
    const many = (count: number) => Array.from({ length: count }, (_, index) => ({ ...crew, id: index + 1 }));
    expect(checkGrants(many(8))).toBeUndefined();
    expect(checkGrants(many(9))?.fault).toBe("tooMany");
  });
});
