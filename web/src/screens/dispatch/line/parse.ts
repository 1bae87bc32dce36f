// A line as an order. It changes nothing itself: whoever reads a line carries the order out, or tells the problem.
import type {
  BedKind,
  MissionEvent,
  NeedSetLabel,
  OverrideReason,
  Priority,
  ShortfallReason,
  Tier,
  UnitEvent,
} from "@schema";
import { LineError, type LineProblem, Reader } from "@/screens/dispatch/line/reader";
import { findVerb, VERBS, type Verb, type VerbSpec } from "@/screens/dispatch/line/verbs";
import type { World } from "@/screens/dispatch/line/world";
import { FILTERS, type Filter } from "@/screens/dispatch/need";
import type { Order } from "@/screens/dispatch/orders";

/** What a line asks for: orders, or something of the screen. */
export type Wish =
  | { orders: readonly Order[] }
  | { go: number }
  | { show: Filter }
  | { screen: "map" | "help" | "next" };

export type Parsed = { wish: Wish; problem?: undefined } | { problem: LineProblem; spec: VerbSpec | null };

const ENOUGH = ["enough", "no", "不需", "不需要", "够了"];
const NEEDED = ["needed", "yes", "仍需", "仍需要"];
const ALL = ["all", "全部"];
const FILTER_WORDS: Record<Filter, readonly string[]> = {
  all: ["all", "全部"],
  decide: ["decide", "waiting", "待决定", "等待"],
  running: ["running", "进行中"],
  alarms: ["alarms", "告警", "有告警"],
};

/** `report his-2 on_scene`: the state is what people say; the report is the event that leads to it. */
const STAGE_OF_STATE: Record<string, MissionEvent> = {
  notified: "notify",
  acknowledged: "acknowledge",
  departed: "depart",
  on_scene: "arrive",
  at_patient: "reach_patient",
  left_scene: "leave_scene",
  at_facility: "reach_facility",
  handed_over: "hand_over",
  ended: "end",
};

const one = (order: Order): Wish => ({ orders: [order] });

/** What is asked, and in the same words who should come: a need may be named more than once. */
function readNeeds(reader: Reader): NeedSetLabel[] {
  const needs: NeedSetLabel[] = [];
  while (reader.peek()) {
    const { value } = reader.label("needs", "needs");
    if (!needs.includes(value as NeedSetLabel)) needs.push(value as NeedSetLabel);
  }
  return needs;
}

const readReason = (reader: Reader) => (reader.mayBe("reason") as OverrideReason | null) ?? undefined;

function readSend(reader: Reader, unit: number): Wish {
  const incident = reader.incident();
  return one({ what: "send", unit, incident, override: readReason(reader) });
}

function readSwap(reader: Reader): Wish {
  const before = reader.peek();
  const { unit, mission } = reader.mission();
  const other = reader.unit();
  const incident = unit.incident ?? reader.fail("no_mission", before);
  return one({ what: "swap", incident, mission, unit: other.id, override: readReason(reader) });
}

function readStandDown(reader: Reader): Wish {
  const { mission } = reader.mission();
  const still_needed = !reader.oneOf(ENOUGH);
  if (still_needed) reader.oneOf(NEEDED);
  return one({ what: "stand_down", mission, still_needed });
}

function readDestination(reader: Reader): Wish {
  const { mission } = reader.mission();
  const facility = reader.facility(reader.world.destinations(mission));
  return one({ what: "destination", mission, facility, override: readReason(reader) });
}

function readTransport(reader: Reader): Wish {
  const { mission } = reader.mission();
  const bed_kind = (reader.mayBe("bed") ?? "emergency") as BedKind;
  const tier_min = (reader.mayBe("tier") ?? "community") as Tier;
  return one({ what: "transport", mission, bed_kind, tier_min, needs: readNeeds(reader) });
}

function readMessage(reader: Reader): Wish {
  const unit = reader.unit();
  return one({ what: "message", unit: unit.id, incident: unit.incident, text: reader.text() });
}

function readRead(reader: Reader): Wish {
  const unit = reader.peek() ? reader.unit().id : null;
  const unread = reader.world.unread.filter((message) => unit === null || message.unit === unit);
  if (unread.length === 0) reader.fail("nothing_unread");
  return { orders: unread.map(({ id }) => ({ what: "read", message: id })) };
}

function readAcknowledge(reader: Reader): Wish {
  const { alarms } = reader.world;
  const all = reader.oneOf(ALL);
  const incident = all ? null : reader.incident();
  const mine = alarms.filter((alarm) => all || alarm.incident === incident).map(({ id }) => id);
  if (mine.length === 0) reader.fail("nothing_raised");
  return one({ what: "acknowledge", alarms: mine });
}

function readReport(reader: Reader): Wish {
  const word = reader.peek();
  const unit = reader.unit();
  const stage = reader.label("stage", "mission_stage", "unit_event");
  if (stage.kind === "unit_event") return one({ what: "report_unit", unit: unit.id, event: stage.value as UnitEvent });
  const mission = unit.mission ?? reader.fail("no_mission", word);
  const event = STAGE_OF_STATE[stage.value] ?? (stage.value as MissionEvent);
  return one({ what: "report_mission", mission, stage: event });
}

function readGoto(reader: Reader): Wish {
  const word = reader.peek();
  if (word && !/^#?\d+$/.test(word.text)) return { go: reader.unit().incident ?? reader.fail("no_mission", word) };
  return { go: reader.incident() };
}

function readShow(reader: Reader): Wish {
  for (const filter of FILTERS) if (reader.oneOf(FILTER_WORDS[filter])) return { show: filter };
  return reader.fail("unknown_label", reader.peek(), FILTERS);
}

const READ: Record<Verb, (reader: Reader) => Wish> = {
  send: (reader) => readSend(reader, reader.candidate()),
  divert: (reader) => readSend(reader, reader.candidate()),
  swap: readSwap,
  add: (reader) => {
    const more = reader.count();
    return one({ what: "more", more, incident: reader.incident(), needs: readNeeds(reader) });
  },
  standdown: readStandDown,
  cancel: (reader) => one({ what: "cancel", incident: reader.incident() }),
  priority: (reader) => {
    const incident = reader.incident();
    const { value } = reader.label("priority", "priority");
    return one({ what: "priority", incident, priority: value as Priority });
  },
  shortfall: (reader) => {
    const incident = reader.incident();
    const { value } = reader.label("shortfall", "shortfall");
    return one({ what: "shortfall", incident, reason: value as ShortfallReason });
  },
  reconsider: (reader) => one({ what: "reconsider", incident: reader.incident() }),
  dest: readDestination,
  transport: readTransport,
  msg: readMessage,
  read: readRead,
  ack: readAcknowledge,
  move: (reader) => one({ what: "move", unit: reader.unit().id, post: reader.post() }),
  report: readReport,
  goto: readGoto,
  next: () => ({ screen: "next" }),
  show: readShow,
  map: () => ({ screen: "map" }),
  help: () => ({ screen: "help" }),
};

/** A colon or slash in front is the key that opened the line, and means nothing. */
const PREFIX = /^\s*[:/：]?\s*/;

export function parseLine(line: string, world: World): Parsed {
  const begin = PREFIX.exec(line)?.[0].length ?? 0;
  const text = line.slice(begin);
  const options = VERBS.map((spec) => spec.en[0] ?? "");
  if (text.trim() === "") return { problem: { code: "empty", word: "", at: begin, options }, spec: null };
  const found = findVerb(text);
  if (!found) {
    // A number alone shows that incident.
    if (/^#?\d+\s*$/.test(text)) return parseLine(`goto ${text}`, world);
    const word = /^\S+/.exec(text)?.[0] ?? "";
    return { problem: { code: "unknown_verb", word, at: begin, options }, spec: null };
  }
  try {
    const reader = new Reader(line, begin + found.length, world);
    const wish = READ[found.spec.verb](reader);
    reader.end();
    return { wish };
  } catch (thrown) {
    if (thrown instanceof LineError) return { problem: thrown.problem, spec: found.spec };
    throw thrown;
  }
}
