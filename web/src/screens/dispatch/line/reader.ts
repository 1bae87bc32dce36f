// Takes the words of a line one after the other. What cannot be read is thrown as a LineError, which says which word it was.
import {
  findLabel,
  findNamed,
  type LabelKind,
  type Named,
  type NamedUnit,
  type World,
} from "@/screens/dispatch/line/world";

export type LineProblemCode =
  | "empty"
  | "unknown_verb"
  | "missing"
  | "unknown_unit"
  | "unknown_incident"
  | "unknown_facility"
  | "unknown_post"
  | "unknown_label"
  | "ambiguous"
  | "no_candidate"
  | "no_incident"
  | "no_mission"
  | "not_there"
  | "too_much"
  | "nothing_raised"
  | "nothing_unread";

export interface LineProblem {
  code: LineProblemCode;
  /** The word that was not understood, and where it begins. */
  word: string;
  at: number;
  /** What would do, by their own names. */
  options: readonly string[];
  /** What kind of thing is missing. */
  missing?: string;
}

export class LineError extends Error {
  readonly problem: LineProblem;
  constructor(problem: LineProblem) {
    super(problem.code);
    this.problem = problem;
  }
}

export interface Word {
  text: string;
  at: number;
}

const OPTIONS_MAX = 8;
/** Words that only make a line read well. */
const FILLERS = new Set(["to", "for", "with", "by", "because", "incident", "到", "至", "给", "换", "因", "事件"]);

export function isFiller(word: Word): boolean {
  return FILLERS.has(word.text.toLowerCase());
}

export function wordsOf(text: string, from: number): Word[] {
  return [...text.slice(from).matchAll(/\S+/g)].map((match) => ({ text: match[0], at: from + match.index }));
}

export class Reader {
  private next = 0;
  readonly world: World;
  private readonly line: string;
  private readonly words: readonly Word[];

  constructor(line: string, from: number, world: World) {
    this.line = line;
    this.words = wordsOf(line, from);
    this.world = world;
  }

  peek(): Word | undefined {
    let word = this.words[this.next];
    while (word && isFiller(word)) {
      this.next += 1;
      word = this.words[this.next];
    }
    return word;
  }

  private take(): Word | undefined {
    const word = this.peek();
    if (word) this.next += 1;
    return word;
  }

  fail(code: LineProblemCode, word?: Word, options: readonly string[] = []): never {
    const at = word?.at ?? this.line.length;
    throw new LineError({ code, word: word?.text ?? "", at, options: options.slice(0, OPTIONS_MAX) });
  }

  private need(kind: string, options: readonly string[]): Word {
    const word = this.take();
    if (word) return word;
    throw new LineError({
      code: "missing",
      word: "",
      at: this.line.length,
      options: options.slice(0, OPTIONS_MAX),
      missing: kind,
    });
  }

  private named<T extends Named>(all: readonly T[], word: Word, code: LineProblemCode): T {
    const found = findNamed(all, word.text);
    if (found === null)
      return this.fail(
        code,
        word,
        all.map((item) => item.code),
      );
    if ("several" in found)
      return this.fail(
        "ambiguous",
        word,
        found.several.map((item) => item.code),
      );
    return found.one;
  }

  unit(): NamedUnit {
    const { units } = this.world;
    return this.named(
      units,
      this.need(
        "unit",
        units.map((unit) => unit.code),
      ),
      "unknown_unit",
    );
  }

  /** A unit, or the place of one in the recommendation that is shown: "2". */
  candidate(): number {
    const word = this.peek();
    if (!word || !/^\d$/.test(word.text)) return this.unit().id;
    this.take();
    const { candidates, units } = this.world;
    const codes = candidates.map((id) => units.find((unit) => unit.id === id)?.code ?? String(id));
    return candidates[Number(word.text) - 1] ?? this.fail("no_candidate", word, codes);
  }

  /** A mission, told by its unit. */
  mission(): { unit: NamedUnit; mission: number } {
    const word = this.peek();
    const unit = this.unit();
    return { unit, mission: unit.mission ?? this.fail("no_mission", word) };
  }

  private isIncident(word: Word | undefined): boolean {
    return word !== undefined && /^#?\d+$/.test(word.text);
  }

  /** The incident that is named, or else the one that is shown. */
  incident(): number {
    const word = this.peek();
    if (!word || !this.isIncident(word)) return this.world.selected ?? this.fail("no_incident", word);
    this.take();
    const id = Number(word.text.replace("#", ""));
    if (!this.world.incidents.includes(id)) this.fail("unknown_incident", word, this.world.incidents.map(String));
    return id;
  }

  /** How many; a bare number above 9, or one with #, is an incident and stays for it. */
  count(): number {
    const word = this.peek();
    if (!word || !/^[1-9]$/.test(word.text)) return 1;
    this.take();
    return Number(word.text);
  }

  facility(ranked: readonly number[]): number {
    const { facilities } = this.world;
    const word = this.need(
      "destination",
      facilities.map((facility) => facility.code),
    );
    if (!/^\d$/.test(word.text)) return this.named(facilities, word, "unknown_facility").id;
    const codes = ranked.map((id) => facilities.find((facility) => facility.id === id)?.code ?? String(id));
    return ranked[Number(word.text) - 1] ?? this.fail("no_candidate", word, codes);
  }

  post(): number {
    const { posts } = this.world;
    return this.named(
      posts,
      this.need(
        "post",
        posts.map((post) => post.code),
      ),
      "unknown_post",
    ).id;
  }

  private values(kinds: readonly LabelKind[]): string[] {
    return kinds.flatMap((kind) => this.world.labels[kind].map(({ value }) => value));
  }

  /** A value of one of these kinds, which has to be there. */
  label(kind: string, ...kinds: LabelKind[]): { kind: LabelKind; value: string } {
    const options = this.values(kinds);
    const word = this.need(kind, options);
    for (const one of kinds) {
      const value = findLabel(this.world.labels[one], word.text);
      if (value !== null) return { kind: one, value };
    }
    return this.fail("unknown_label", word, options);
  }

  /** A value of this kind if the next word is one; else the word stays. */
  mayBe(kind: LabelKind): string | null {
    const word = this.peek();
    const value = word ? findLabel(this.world.labels[kind], word.text) : null;
    if (value !== null) this.take();
    return value;
  }

  /** One of these words, if it comes next. */
  oneOf(words: readonly string[]): boolean {
    const word = this.peek();
    if (!word || !words.includes(word.text.toLowerCase())) return false;
    this.take();
    return true;
  }

  /** What is left, as it was written. */
  text(): string {
    const word = this.words[this.next];
    if (!word) this.need("text", []);
    this.next = this.words.length;
    return word ? this.line.slice(word.at).trim() : "";
  }

  end(): void {
    const word = this.peek();
    if (word) this.fail("too_much", word);
  }
}
