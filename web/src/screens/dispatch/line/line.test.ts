import { describe, expect, it } from "vitest";
import { completeLine } from "@/screens/dispatch/line/complete";
import { parseLine } from "@/screens/dispatch/line/parse";
import type { Labelled, World } from "@/screens/dispatch/line/world";

const label = (value: string, text = value): Labelled => ({ value, text });

const WORLD: World = {
  selected: 41,
  incidents: [7, 41, 142],
  units: [
    { id: 1, code: "his-1", name: "Hisingen 1", mission: null, incident: null },
    { id: 2, code: "his-2", name: "Hisingen 2", mission: 90, incident: 7 },
    { id: 3, code: "gar-1", name: "京01", mission: null, incident: null },
  ],
  facilities: [
    { id: 5, code: "sahlgrenska", name: "Sahlgrenska University Hospital" },
    { id: 6, code: "ostra", name: "东院" },
  ],
  posts: [{ id: 8, code: "garda", name: "Gårda" }],
  candidates: [3, 1],
  destinations: (mission) => (mission === 90 ? [6, 5] : []),
  alarms: [
    { id: 301, incident: 41 },
    { id: 302, incident: 7 },
    { id: 303, incident: null },
  ],
  unread: [
    { id: 11, unit: 2 },
    { id: 12, unit: 3 },
  ],
  labels: {
    needs: [label("advanced", "高级生命支持"), label("physician", "医师"), label("stroke", "卒中")],
    priority: [
      label("critical", "濒危"),
      label("severe", "危重"),
      label("urgent", "急症"),
      label("non_urgent", "非急症"),
    ],
    shortfall: [label("no_unit_free", "无空闲车组"), label("no_unit_fit", "无符合条件的车组")],
    reason: [label("local_knowledge", "熟悉路况或现场"), label("crew_request", "车组要求"), label("other", "其他")],
    bed: [label("emergency", "急诊床"), label("icu", "重症床")],
    tier: [label("community", "社区"), label("tier_3", "三级")],
    mission_stage: [label("departed", "已出车"), label("on_scene", "到达现场")],
    unit_event: [label("break_down", "故障"), label("repair", "恢复")],
  },
};

function wish(line: string): unknown {
  const parsed = parseLine(line, WORLD);
  return parsed.problem ?? parsed.wish;
}

const orders = (...all: unknown[]) => ({ orders: all });

describe("a line", () => {
  it.each([
    ["send his-1", { what: "send", unit: 1, incident: 41 }],
    [":send HIS-1 to 7", { what: "send", unit: 1, incident: 7 }],
    ["/assign Hisingen 142", null],
    ["send 2", { what: "send", unit: 1, incident: 41 }],
    ["派1", { what: "send", unit: 3, incident: 41 }],
    ["派 京01 到 #7 车组要求", { what: "send", unit: 3, incident: 7, override: "crew_request" }],
    ["改派 his-2 到 41", { what: "send", unit: 2, incident: 41 }],
    ["divert his-2 to 41 local_knowledge", { what: "send", unit: 2, incident: 41, override: "local_knowledge" }],
    ["swap his-2 for gar-1", { what: "swap", incident: 7, mission: 90, unit: 3 }],
    ["add", { what: "more", incident: 41, more: 1, needs: [] }],
    ["add 2 7 advanced physician", { what: "more", incident: 7, more: 2, needs: ["advanced", "physician"] }],
    ["增援 2 #7 医师 医师", { what: "more", incident: 7, more: 2, needs: ["physician"] }],
    ["add 142 stroke", { what: "more", incident: 142, more: 1, needs: ["stroke"] }],
    ["cancel", { what: "cancel", incident: 41 }],
    ["取消 7", { what: "cancel", incident: 7 }],
    ["standdown his-2", { what: "stand_down", mission: 90, still_needed: true }],
    ["撤回 his-2 不需", { what: "stand_down", mission: 90, still_needed: false }],
    ["priority 7 critical", { what: "priority", incident: 7, priority: "critical" }],
    ["病情 濒危", { what: "priority", incident: 41, priority: "critical" }],
    ["priority non", { what: "priority", incident: 41, priority: "non_urgent" }],
    ["shortfall 41 no_unit_free", { what: "shortfall", incident: 41, reason: "no_unit_free" }],
    ["reconsider 41", { what: "reconsider", incident: 41 }],
    ["dest his-2 sahl", { what: "destination", mission: 90, facility: 5 }],
    ["送往 his-2 1", { what: "destination", mission: 90, facility: 6 }],
    ["dest his-2 东院 other", { what: "destination", mission: 90, facility: 6, override: "other" }],
    [
      "transport his-2 icu tier_3 stroke",
      {
        what: "transport",
        mission: 90,
        bed_kind: "icu",
        tier_min: "tier_3",
        needs: ["stroke"],
      },
    ],
    ["transport his-2", { what: "transport", mission: 90, bed_kind: "emergency", tier_min: "community", needs: [] }],
    ["msg his-2  To the  side entrance", { what: "message", unit: 2, incident: 7, text: "To the  side entrance" }],
    ["消息 gar-1 走侧门", { what: "message", unit: 3, incident: null, text: "走侧门" }],
    ["ack", { what: "acknowledge", alarms: [301] }],
    ["ack 7", { what: "acknowledge", alarms: [302] }],
    ["确认 全部", { what: "acknowledge", alarms: [301, 302, 303] }],
    ["move his-1 garda", { what: "move", unit: 1, post: 8 }],
    ["report his-2 on_scene", { what: "report_mission", mission: 90, stage: "arrive" }],
    ["代报 his-1 故障", { what: "report_unit", unit: 1, event: "break_down" }],
    ["read his-2", { what: "read", message: 11 }],
  ])("%s", (line, order) => {
    if (order === null)
      expect(wish(line)).toMatchObject({ code: "ambiguous", word: "Hisingen", options: ["his-1", "his-2"] });
    else expect(wish(line)).toEqual(orders(order));
  });

  it.each([
    ["goto 7", { go: 7 }],
    ["142", { go: 142 }],
    ["查看 his-2", { go: 7 }],
    ["show decide", { show: "decide" }],
    ["显示 待决定", { show: "decide" }],
    ["map", { screen: "map" }],
    ["下一个", { screen: "next" }],
    ["help", { screen: "help" }],
  ])("of the screen: %s", (line, expected) => expect(wish(line)).toEqual(expected));

  it("can be several orders", () => {
    expect(wish("已读")).toEqual(orders({ what: "read", message: 11 }, { what: "read", message: 12 }));
  });
});

describe("what is wrong", () => {
  it.each([
    ["", "empty", "", 0],
    ["sned his-1", "unknown_verb", "sned", 0],
    ["send", "missing", "", 4],
    ["send zzz", "unknown_unit", "zzz", 5],
    ["send 3", "no_candidate", "3", 5],
    ["send his-1 to 999", "unknown_incident", "999", 14],
    ["send his-1 to 41 because lazy", "too_much", "lazy", 25],
    ["dest his-1 ostra", "no_mission", "his-1", 5],
    ["dest his-2 nowhere", "unknown_facility", "nowhere", 11],
    ["priority 41 red", "unknown_label", "red", 12],
    ["add 1 41 wings", "unknown_label", "wings", 9],
    ["move his-1 mars", "unknown_post", "mars", 11],
    ["msg his-2", "missing", "", 9],
    ["ack 142", "nothing_raised", "", 7],
    ["read his-1", "nothing_unread", "", 10],
    ["show everything", "unknown_label", "everything", 5],
    ["goto gar-1", "no_mission", "gar-1", 5],
  ])("%s", (line, code, word, at) => expect(wish(line)).toMatchObject({ code, word, at }));

  it("is an incident that nobody named and none is shown", () => {
    const parsed = parseLine("cancel", { ...WORLD, selected: null });
    expect(parsed.problem?.code).toBe("no_incident");
  });

  it("says what would do", () => {
    expect(wish("send zzz")).toMatchObject({ options: ["his-1", "his-2", "gar-1"] });
    expect(wish("send 9")).toMatchObject({ options: ["gar-1", "his-1"] });
    expect(parseLine("move his-1", WORLD)).toMatchObject({ problem: { missing: "post", options: ["garda"] } });
  });

  it("comes with the verb that was understood", () => {
    const parsed = parseLine("dest his-2", WORLD);
    expect("spec" in parsed && parsed.spec?.example).toBe("dest his-2 sahlgrenska");
  });
});

describe("Tab", () => {
  it.each([
    ["se", 0, ["send"]],
    [":sw", 1, ["swap"]],
    ["送", 0, ["送往"]],
    ["send h", 5, ["his-1", "his-2"]],
    ["send his-1 to ", 14, ["7", "41", "142", "熟悉路况或现场", "车组要求", "其他"]],
    ["dest his-2 o", 11, ["ostra"]],
    ["priority 41 濒", 12, ["濒危"]],
    ["add 2 41 ", 9, ["高级生命支持", "医师", "卒中"]],
    ["standdown his-2 e", 16, ["enough", "needed"]],
    ["msg his-2 h", 10, []],
    ["zzz h", 5, []],
  ])("%s", (line, start, options) => {
    const { start: at, options: found } = completeLine(line, WORLD);
    expect({ at, found: [...found] }).toEqual({ at: start, found: options });
  });
});
