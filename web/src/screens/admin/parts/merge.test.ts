import { describe, expect, it } from "vitest";
import { changedKeys, conflicts, merged, rebased } from "@/screens/admin/parts/merge";

const base = { code: "A-1", name: "North 1", skills: ["basic"] };

describe("an edited record", () => {
  it("keeps what the person changed and takes what others changed elsewhere", () => {
    const draft = { base, values: { ...base, name: "North One" } };
    const now = { ...base, skills: ["basic", "advanced"] };
    expect(merged(draft, now)).toEqual({ code: "A-1", name: "North One", skills: ["basic", "advanced"] });
    expect(conflicts(draft, now)).toEqual([]);
    expect(changedKeys(merged(draft, now), now)).toEqual(["name"]);
  });

  it("is in conflict where both changed the same to different values", () => {
    const draft = { base, values: { ...base, name: "North One", code: "N-1" } };
    const now = { ...base, name: "Nord 1", code: "N-1" };
    expect(conflicts(draft, now)).toEqual(["name"]);
    expect(merged(draft, now)).toEqual({ ...base, name: "North One", code: "N-1" });
  });

  it("is not changed when somebody else made the same change", () => {
    const draft = { base, values: { ...base, name: "North One" } };
    const now = { ...base, name: "North One" };
    expect(changedKeys(merged(draft, now), now)).toEqual([]);
    expect(conflicts(draft, now)).toEqual([]);
  });

  it("goes on from what others changed elsewhere", () => {
    const draft = { base, values: { ...base, name: "North One" } };
    const now = { ...base, name: "Nord 1", skills: ["advanced"] };
    expect(rebased(draft, now)).toEqual({ ...base, skills: ["advanced"] });
    expect(rebased(null, now)).toBe(now);
  });

  it("is what stands where nothing is edited", () => {
    expect(merged(null, base)).toBe(base);
    expect(conflicts(null, base)).toEqual([]);
  });
});
