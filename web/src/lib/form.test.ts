import { describe, expect, it } from "vitest";
import { formText, readForm, readRun, runOf } from "@/lib/form";

// From docs/paper.md, and from `python3 -c "n=261122407000100; print(n+98-n%97)"`.
const FROM_THE_MANUAL = 261122407001787;

describe("the number of a form", () => {
  it("is read with and without dashes, and without its run where that is known", () => {
    expect(readForm("261122-407-0017-87", "")).toBe(FROM_THE_MANUAL);
    expect(readForm("261122407001787", "261122-400")).toBe(FROM_THE_MANUAL);
    expect(readForm("0017-87", "261122-407")).toBe(FROM_THE_MANUAL);
    expect(readForm("001787", "261122407")).toBe(FROM_THE_MANUAL);
    expect(readForm("001787", "")).toBeNull();
  });

  it("is told as it is printed", () => {
    expect(formText(FROM_THE_MANUAL)).toBe("261122-407-0017-87");
    expect(formText(10_100_000_000_195)).toBe("010100-000-0001-95");
    expect(runOf(FROM_THE_MANUAL)).toBe("261122-407");
  });

  it("has check digits that find every mistyped digit and every two that changed places", () => {
    const digits = String(FROM_THE_MANUAL);
    for (let place = 0; place < digits.length; place += 1) {
      for (const other of "0123456789") {
        if (other === digits[place]) continue;
        expect(readForm(digits.slice(0, place) + other + digits.slice(place + 1), "")).toBeNull();
      }
      const [one, two] = [digits[place], digits[place + 1]];
      if (two === undefined || one === two) continue;
      expect(readForm(digits.slice(0, place) + two + one + digits.slice(place + 2), "")).toBeNull();
    }
  });

  it("is nothing else", () => {
    for (const text of ["", "17", "26112240700178", "2611224070017870", "26112240700178x"])
      expect(readForm(text, "261122-407")).toBeNull();
  });
});

describe("a run", () => {
  it("is a day and a number of that day", () => {
    expect(readRun("261122407")).toBe("261122-407");
    expect(readRun(" 261122-407 ")).toBe("261122-407");
    for (const text of ["", "261322-407", "261100-407", "261122-40", "261122-4070"]) expect(readRun(text)).toBeNull();
  });
});
