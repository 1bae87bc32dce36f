import { describe, expect, it } from "vitest";
import { flatFields, nameOfEvent } from "@/screens/admin/audit/entry";
import { personDetail } from "@/screens/admin/audit/words";

describe("the fields of an entry", () => {
  it("are told with their paths", () => {
    const command = {
      command: "x",
      unit: 3,
      until: null,
      point: { lon: 1.5, lat: 2 },
      needs: ["basic", "stroke"],
      items: [{ a: 1 }, { a: 2 }],
    };
    expect(flatFields(command)).toEqual([
      ["unit", "3"],
      ["until", "–"],
      ["point.lon", "1.5"],
      ["point.lat", "2"],
      ["needs", "basic, stroke"],
      ["items[0].a", "1"],
      ["items[1].a", "2"],
    ]);
  });
  it("end somewhere", () => {
    const many = { items: Array.from({ length: 5000 }, (_, unit) => ({ unit })) };
    expect(flatFields(many).length).toBe(201);
    expect(flatFields(many).at(-1)?.[0]).toBe("…");
  });
  it("are none of something else", () => {
    expect(flatFields(null)).toEqual([]);
    expect(nameOfEvent("text")).toBe("");
  });
});

it("what the trail says of a person is taken apart", () => {
  // As the server writes it for an addition with two grants.
  const detail = "name display password second factor not required enabled grants: dispatcher district 3, crew unit 12";
  expect(personDetail(detail)).toEqual({
    members: ["name", "display", "password", "totp_not_required", "enabled"],
    grants: [
      { role: "dispatcher", scope: "district", id: 3 },
      { role: "crew", scope: "unit", id: 12 },
    ],
  });
  expect(personDetail("password ")).toEqual({ members: ["password"], grants: [] });
});
