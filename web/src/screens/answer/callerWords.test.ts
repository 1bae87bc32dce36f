import { describe, expect, it } from "vitest";
import { readRemarks, writeRemarks } from "@/screens/answer/callerWords";

// As the exercise writes them (src/host/exercise_callers.c).
const TOLD =
  "EXERCISE. A wasp stung my wife. She is awake. I am at Kungsgatan, lon 11.96384, lat 57.70403. (Meant: allergy, critical.)";

describe("what the caller of an exercise says", () => {
  it("is taken apart: story, place, what was meant", () => {
    expect(readRemarks(TOLD)).toEqual({
      story: "A wasp stung my wife. She is awake.",
      meant: "allergy, critical",
      road: "Kungsgatan",
      point: { lon: 11.96384, lat: 57.70403 },
      notes: "",
      kept: TOLD,
    });
  });

  it("may lack a road, or be of the southern and western half of the earth", () => {
    const words = readRemarks("EXERCISE. I am 45 and I am at home. I am at lon -43.2, lat -22.90642.");
    expect(words.story).toBe("I am 45 and I am at home.");
    expect(words).toMatchObject({ road: "", point: { lon: -43.2, lat: -22.90642 }, meant: "" });
  });

  it("keeps notes below the story, and gives both back", () => {
    const noted = writeRemarks(readRemarks(TOLD), "third floor\ncode 1234");
    expect(noted).toBe(`${TOLD}\nthird floor\ncode 1234`);
    expect(readRemarks(noted).notes).toBe("third floor\ncode 1234");
    expect(writeRemarks(readRemarks(noted), "")).toBe(TOLD);
  });

  it("is nothing in a real call: all of it is notes", () => {
    const words = readRemarks("third floor, I am at lon 1.0, lat 2.0.");
    expect(words).toMatchObject({ story: "", point: null, notes: "third floor, I am at lon 1.0, lat 2.0." });
    expect(writeRemarks(words, "fourth floor")).toBe("fourth floor");
  });

  it("reads Chinese callers", () => {
    const words = readRemarks(
      "EXERCISE. 我妻子被黄蜂蜇了。 我在 Kungsgatan, lon 11.96384, lat 57.70403. (Meant: allergy, critical.)",
    );
    expect(words.story).toBe("我妻子被黄蜂蜇了。");
    expect(words.road).toBe("Kungsgatan");
    expect(words.point).toEqual({ lon: 11.96384, lat: 57.70403 });
    expect(words.meant).toBe("allergy, critical");
  });
});
