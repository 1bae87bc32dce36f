// What changed from one version of a protocol to another, step by step. Steps are the same when they have the same name,
// answers when they have the same key.
import type { Protocol, ProtocolChoice, ProtocolStep, WordsBoth } from "@schema";

export interface Difference {
  /** The step's name; empty: the protocol itself. */
  step: string;
  /** The key of an answer; empty: the step itself. */
  answer: string;
  /** The field, or "added" or "removed" for the whole. */
  what: string;
  before: string;
  after: string;
}

const LANGUAGES = ["en", "zh"] as const;

function text(value: unknown): string {
  if (value === null || value === undefined || value === "" || value === false) return "";
  if (Array.isArray(value)) return value.join(", ");
  return value === true ? "✓" : String(value);
}

function words(both: WordsBoth | null): Record<string, string> {
  return Object.fromEntries(LANGUAGES.map((language) => [language, both?.[language] ?? ""]));
}

/** Where an answer leads, by name where the step is of this protocol. */
export function targetText(protocol: Protocol, choice: ProtocolChoice): string {
  if (!choice.to) return "";
  const { protocol: number, step } = choice.to;
  if (number !== protocol.number) return `${number}/${step}`;
  return protocol.steps.find((one) => one.step === step)?.name ?? String(step);
}

function choiceFields(protocol: Protocol, choice: ProtocolChoice): Record<string, string> {
  const { raise, set, needs, units, marks, ready } = choice;
  const own = { to: targetText(protocol, choice), raise, set, needs, units, marks, ready };
  const told = Object.fromEntries(Object.entries(own).map(([name, value]) => [name, text(value)]));
  for (const [language, said] of Object.entries(words(choice.text))) told[`text.${language}`] = said;
  return told;
}

function stepFields(step: ProtocolStep): Record<string, string> {
  const { kind, source, timer_s, metronome } = step;
  const told = Object.fromEntries(
    Object.entries({ kind, source, timer_s, metronome }).map(([name, value]) => [name, text(value)]),
  );
  for (const [language, said] of Object.entries(words(step.say))) told[`say.${language}`] = said;
  for (const [language, said] of Object.entries(words(step.note))) told[`note.${language}`] = said;
  return told;
}

type Add = (what: string, before: string, after: string) => void;

function compare(before: Record<string, string>, after: Record<string, string>, add: Add): void {
  for (const [name, value] of Object.entries(after)) if (before[name] !== value) add(name, before[name] ?? "", value);
}

/** Those of one list beside those of the other with the same name; a missing one is undefined. */
function pairs<T>(
  before: readonly T[],
  after: readonly T[],
  nameOf: (one: T) => string,
): [string, T | undefined, T | undefined][] {
  const names = [...new Set([...after, ...before].map(nameOf))];
  const find = (list: readonly T[], name: string) => list.find((one) => nameOf(one) === name);
  return names.map((name) => [name, find(before, name), find(after, name)]);
}

export function differences(before: Protocol, after: Protocol): Difference[] {
  const found: Difference[] = [];
  const adder =
    (step: string, answer: string): Add =>
    (what, old, fresh) =>
      found.push({ step, answer, what, before: old, after: fresh });
  const entry = (one: Protocol) => one.steps.find((step) => step.step === one.entry)?.name ?? "";
  const own = (one: Protocol) => ({
    "title.en": one.title.en,
    "title.zh": one.title.zh,
    "words.en": one.words.en.join(", "),
    "words.zh": one.words.zh.join(", "),
    key: one.key,
    entry: entry(one),
    sign_off: one.sign_off,
  });
  compare(own(before), own(after), adder("", ""));
  for (const [name, old, fresh] of pairs(before.steps, after.steps, (step) => step.name)) {
    if (!old || !fresh) {
      adder(name, "")(old ? "removed" : "added", old?.say.en ?? "", fresh?.say.en ?? "");
      continue;
    }
    compare(stepFields(old), stepFields(fresh), adder(name, ""));
    for (const [key, oldChoice, choice] of pairs(old.answers, fresh.answers, (one) => one.key)) {
      const add = adder(name, key);
      if (oldChoice && choice) compare(choiceFields(before, oldChoice), choiceFields(after, choice), add);
      else add(oldChoice ? "removed" : "added", oldChoice?.text.en ?? "", choice?.text.en ?? "");
    }
  }
  return found;
}
