// The command line's verbs: what they are called, and what may follow them, for reading, completion and help.

export type ArgumentKind =
  | "candidate"
  | "unit"
  | "incident"
  | "count"
  | "needs"
  | "priority"
  | "shortfall"
  | "reason"
  | "destination"
  | "bed"
  | "tier"
  | "needed"
  | "post"
  | "stage"
  | "text"
  | "filter"
  | "all"
  | "place";

export interface VerbSpec {
  verb: Verb;
  /** The first is shown; any will do. */
  en: readonly string[];
  zh: readonly string[];
  args: readonly ArgumentKind[];
  example: string;
}

export const VERB_NAMES = [
  "send",
  "divert",
  "swap",
  "add",
  "standdown",
  "cancel",
  "priority",
  "shortfall",
  "reconsider",
  "dest",
  "transport",
  "msg",
  "read",
  "ack",
  "move",
  "report",
  "goto",
  "next",
  "show",
  "map",
  "help",
] as const;
export type Verb = (typeof VERB_NAMES)[number];

function verb(
  name: Verb,
  en: readonly string[],
  zh: readonly string[],
  args: readonly ArgumentKind[],
  example: string,
): VerbSpec {
  return { verb: name, en: [name, ...en], zh, args, example };
}

export const VERBS: readonly VerbSpec[] = [
  verb("send", ["assign"], ["派", "派车", "派出"], ["candidate", "incident", "reason"], "send his-2 to 41"),
  verb("divert", [], ["改派"], ["unit", "incident", "reason"], "divert gar-1 to 41 local_knowledge"),
  verb("swap", ["exchange"], ["替换", "换车"], ["unit", "unit", "reason"], "swap his-2 for gar-1 crew_request"),
  verb("add", ["more"], ["增援", "增派"], ["count", "incident", "needs"], "add 2 41 advanced"),
  verb("standdown", ["recall"], ["撤回"], ["unit", "needed"], "standdown his-2 enough"),
  verb("cancel", [], ["取消"], ["incident"], "cancel 41"),
  verb("priority", ["triage"], ["病情", "分级"], ["incident", "priority"], "priority 41 critical"),
  verb("shortfall", [], ["缺口"], ["incident", "shortfall"], "shortfall 41 no_unit_free"),
  verb("reconsider", ["again"], ["重询", "重新询问"], ["incident"], "reconsider 41"),
  verb("dest", ["destination"], ["送往", "目的地"], ["unit", "destination", "reason"], "dest his-2 sahlgrenska"),
  verb("transport", [], ["转运"], ["unit", "bed", "tier", "needs"], "transport his-2 icu tier_3 stroke"),
  verb("msg", ["message"], ["消息", "通知"], ["unit", "text"], "msg his-2 Side entrance"),
  verb("read", [], ["已读"], ["unit"], "read his-2"),
  verb("ack", ["acknowledge"], ["确认"], ["all"], "ack 41"),
  verb("move", [], ["调防", "移驻"], ["unit", "post"], "move his-2 garda"),
  verb("report", [], ["代报", "上报"], ["unit", "stage"], "report his-2 on_scene"),
  verb("goto", ["open"], ["查看", "转到"], ["place"], "goto 41"),
  verb("next", [], ["下一个"], [], "next"),
  verb("show", ["filter"], ["显示", "筛选"], ["filter"], "show decide"),
  verb("map", [], ["地图"], [], "map"),
  verb("help", ["?"], ["帮助"], [], "help"),
];

const HAN = /\p{Script=Han}/u;

/** The verb that a text begins with. Chinese verbs need no space behind them: the longest that fits is cut off. */
export function findVerb(text: string): { spec: VerbSpec; length: number } | null {
  const word = /^\S+/.exec(text)?.[0] ?? "";
  const small = word.toLowerCase();
  for (const spec of VERBS) if (spec.en.includes(small) || spec.zh.includes(word)) return { spec, length: word.length };
  if (!HAN.test(word)) return null;
  let best: { spec: VerbSpec; length: number } | null = null;
  for (const spec of VERBS)
    for (const name of spec.zh)
      if (word.startsWith(name) && name.length > (best?.length ?? 0)) best = { spec, length: name.length };
  return best;
}
