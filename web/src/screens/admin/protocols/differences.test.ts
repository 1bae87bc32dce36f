import type { Protocol, ProtocolChoice, ProtocolStep } from "@schema";
import { describe, expect, it } from "vitest";
import { differences, targetText } from "@/screens/admin/protocols/differences";

const choice: ProtocolChoice = {
  answer: 1,
  key: "1",
  text: { en: "Yes", zh: "是" },
  to: null,
  raise: null,
  set: null,
  needs: [],
  units: null,
  marks: [],
  ready: false,
};

const step: ProtocolStep = {
  step: 1,
  name: "awake",
  kind: "question",
  say: { en: "Awake?", zh: "醒着吗？" },
  note: null,
  source: "A",
  timer_s: null,
  metronome: null,
  answers: [choice],
};

const protocol: Protocol = {
  number: 1,
  id: "arrest",
  version: 1,
  key: "a",
  title: { en: "Arrest", zh: "骤停" },
  words: { en: ["collapsed"], zh: ["倒下"] },
  entry: 1,
  sign_off: "needs the medical director's sign-off",
  steps: [step],
};

const told = (before: Protocol, after: Protocol) =>
  differences(before, after).map(({ step: where, answer, what, before: old, after: fresh }) =>
    [where, answer, what, old, fresh].join("|"),
  );

describe("differences of two versions", () => {
  it("are none of the same", () => expect(told(protocol, { ...protocol, version: 2 })).toEqual([]));

  it("tell words, in the language where they changed", () => {
    const say = { en: "Is he awake?", zh: "醒着吗？" };
    expect(told(protocol, { ...protocol, steps: [{ ...step, say }] })).toEqual(["awake||say.en|Awake?|Is he awake?"]);
  });

  it("tell what an answer does", () => {
    const answers: ProtocolChoice[] = [{ ...choice, raise: "critical", needs: ["advanced"], ready: true }];
    expect(told(protocol, { ...protocol, steps: [{ ...step, answers }] })).toEqual([
      "awake|1|raise||critical",
      "awake|1|needs||advanced",
      "awake|1|ready||✓",
    ]);
  });

  it("tell steps and answers that came and went", () => {
    const more: ProtocolStep = { ...step, step: 2, name: "breathing", say: { en: "Breathing?", zh: "有呼吸吗？" } };
    const after = { ...protocol, steps: [{ ...step, answers: [{ ...choice, key: "2" }] }, more] };
    expect(told(protocol, after)).toEqual([
      "awake|2|added||Yes",
      "awake|1|removed|Yes|",
      "breathing||added||Breathing?",
    ]);
  });

  it("do not tell a step that only has another number", () => {
    const first: ProtocolStep = { ...step, name: "first" };
    const before = { ...protocol, steps: [{ ...step, answers: [{ ...choice, to: { protocol: 1, step: 1 } }] }] };
    const moved = { ...step, step: 2, answers: [{ ...choice, to: { protocol: 1, step: 2 } }] };
    const after = { ...protocol, entry: 2, steps: [first, moved] };
    expect(told(before, after)).toEqual(["first||added||Awake?"]);
  });
});

it("a target in another protocol is told by numbers", () => {
  expect(targetText(protocol, { ...choice, to: { protocol: 22, step: 3 } })).toBe("22/3");
  expect(targetText(protocol, { ...choice, to: { protocol: 1, step: 1 } })).toBe("awake");
});
