// What Tab makes of the last word of a line.
import { isFiller, wordsOf } from "@/screens/dispatch/line/reader";
import { type ArgumentKind, findVerb, VERBS } from "@/screens/dispatch/line/verbs";
import type { Labelled, World } from "@/screens/dispatch/line/world";
import { FILTERS } from "@/screens/dispatch/need";

export interface Completion {
  /** Where the word begins that is completed. */
  start: number;
  options: readonly string[];
}

const HAN = /\p{Script=Han}/u;

/** In Chinese the words themselves, which have no spaces; else the values. */
function labels(all: readonly Labelled[]): string[] {
  return all.map(({ value, text }) => (HAN.test(text) && !/\s/.test(text) ? text : value));
}

function optionsOf(kind: ArgumentKind, world: World): readonly string[] {
  const codes = (all: readonly { code: string }[]) => all.map((item) => item.code);
  switch (kind) {
    case "candidate":
    case "unit":
      return codes(world.units);
    case "incident":
      return world.incidents.map(String);
    case "place":
      return [...world.incidents.map(String), ...codes(world.units.filter((unit) => unit.incident !== null))];
    case "all":
      return [...world.incidents.map(String), "all"];
    case "destination":
      return codes(world.facilities);
    case "post":
      return codes(world.posts);
    case "needed":
      return ["needed", "enough"];
    case "filter":
      return FILTERS;
    case "stage":
      return [...labels(world.labels.mission_stage), ...labels(world.labels.unit_event)];
    case "needs":
    case "priority":
    case "shortfall":
    case "reason":
    case "bed":
    case "tier":
      return labels(world.labels[kind]);
    case "count":
    case "text":
      return [];
  }
}

/** The kinds that may stand at this place: the one in turn, and those after one that may be left out. */
function kindsAt(args: readonly ArgumentKind[], index: number): readonly ArgumentKind[] {
  const last = args[args.length - 1];
  const turn = args[index] ?? (last === "needs" ? last : undefined);
  if (turn === undefined) return [];
  const optional: readonly ArgumentKind[] = ["incident", "count", "bed", "tier"];
  return optional.includes(turn) ? [turn, ...kindsAt(args, index + 1)] : [turn];
}

/** Begun the same way, then whatever has it in it; the line with nothing after the verb offers all. */
function fitting(options: readonly string[], begun: string): string[] {
  const small = begun.toLowerCase();
  const starts = options.filter((option) => option.toLowerCase().startsWith(small));
  const contains = options.filter((option) => !starts.includes(option) && option.toLowerCase().includes(small));
  return small === "" ? starts : [...starts, ...contains];
}

export function completeLine(line: string, world: World): Completion {
  const begin = /^\s*[:/：]?\s*/.exec(line)?.[0].length ?? 0;
  const text = line.slice(begin);
  const found = findVerb(text);
  const inVerb = !/\s/.test(text) && !(found && text.length > found.length);
  if (inVerb) {
    const chinese = HAN.test(text);
    const verbs = VERBS.map((spec) =>
      chinese ? (spec.zh.find((name) => name.startsWith(text)) ?? "") : (spec.en[0] ?? ""),
    );
    return { start: begin, options: fitting(verbs.filter(Boolean), text) };
  }
  if (!found) return { start: line.length, options: [] };
  const all = wordsOf(line, begin + found.length);
  const isNew = /\s$/.test(line) || all.length === 0;
  const words = all.filter((word, index) => !isFiller(word) || (!isNew && index === all.length - 1));
  const last = isNew ? undefined : words[words.length - 1];
  const kinds = kindsAt(found.spec.args, isNew ? words.length : words.length - 1);
  const options = [...new Set(kinds.flatMap((kind) => optionsOf(kind, world)))];
  return { start: last?.at ?? line.length, options: fitting(options, last?.text ?? "") };
}
