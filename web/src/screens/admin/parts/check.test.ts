import { describe, expect, it } from "vitest";
import { checkCode, checkPassword, checkText, checkWhole, faultsOf } from "@/screens/admin/parts/check";

describe("texts", () => {
  it("are counted in bytes of UTF-8", () => {
    expect(checkText("急救".repeat(5), 30)).toBeUndefined();
    expect(checkText("急救".repeat(5), 29)?.fault).toBe("tooLong");
  });
  it("must say something, on one line", () => {
    expect(checkText("   ", 64)?.fault).toBe("required");
    expect(checkText("a\nb", 64)?.fault).toBe("spaces");
  });
  it("that are codes have no spaces and are their own", () => {
    expect(checkCode("A 1", 32, [])?.fault).toBe("spaces");
    expect(checkCode("A-1", 32, ["A-2", "A-1"])?.fault).toBe("taken");
    expect(checkCode("A-1", 32, ["a-1"])).toBeUndefined();
  });
});

describe("whole numbers", () => {
  it("are within their range", () => {
    expect(checkWhole("10", 10, 20)).toBeUndefined();
    expect(checkWhole("20", 10, 20)).toBeUndefined();
    expect(checkWhole("21", 10, 20)).toEqual({ fault: "range", values: { minimum: 10, maximum: 20 } });
    expect(checkWhole("9", 10, 20)?.fault).toBe("range");
  });
  it.each(["", "1.5", "ten", "1e3", "0x10"])("are not %j", (text) => {
    expect(checkWhole(text, 0, 9999)?.fault).toBe("number");
  });
});

describe("passwords", () => {
  it("have ten characters, not ten bytes", () => {
    expect(checkPassword("急救中心密码", "li")?.fault).toBe("passwordShort");
    expect(checkPassword("一二三四五六七八九十", "li")).toBeUndefined();
  });
  it("are neither the name nor one character", () => {
    expect(checkPassword("Dispatcher1", "dispatcher1")?.fault).toBe("passwordName");
    expect(checkPassword("xxxxxxxxxxxx", "li")?.fault).toBe("passwordSame");
  });
});

it("what is no fault is not kept", () => {
  expect(faultsOf<{ code: string; name: string }>({ code: undefined, name: { fault: "taken" } })).toEqual({
    name: { fault: "taken" },
  });
});
