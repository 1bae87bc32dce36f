// Both languages have the same texts, every text that is asked for exists, and none lies about unused.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import * as schema from "@schema";
import { describe, expect, it } from "vitest";

const SOURCE = join(import.meta.dirname, "../../src");
const PLURAL = /_(?:zero|one|two|few|many|other)$/;
// Kinds of the schema that no screen shows.
const NEVER_SHOWN = [
  "call_event",
  "incident_event",
  "alarm_event",
  "priority_effect",
  "problem",
  "refusal",
  "interval",
  "indicator",
];

type Tree = { [key: string]: string | Tree };

function flat(tree: Tree, before = ""): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]): [string, string][] =>
    typeof value === "string" ? [[before + key, value]] : flat(value, `${before}${key}.`),
  );
}

function texts(language: string): Map<string, [string, string][]> {
  const folder = join(SOURCE, "i18n", language);
  const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
  const read = (name: string) => JSON.parse(readFileSync(join(folder, name), "utf8")) as Tree;
  return new Map(files.map((name) => [name.replace(".json", ""), flat(read(name))]));
}

const english = texts("en");
const chinese = texts("zh-CN");
const keysOf = (rows: [string, string][] | undefined) => new Set((rows ?? []).map(([key]) => key.replace(PLURAL, "")));

describe("both languages", () => {
  it("have the same namespaces", () => expect([...chinese.keys()].sort()).toEqual([...english.keys()].sort()));

  it.each([...english.keys()])("have the same keys in %s", (name) => {
    expect([...keysOf(chinese.get(name))].sort()).toEqual([...keysOf(english.get(name))].sort());
  });

  it.each([...english.keys()])("put the same values into the texts of %s", (name) => {
    const holes = (text: string) => [...new Set(text.match(/\{\{\w+/g) ?? [])].sort();
    const other = new Map((chinese.get(name) ?? []).map(([key, text]) => [key.replace(PLURAL, ""), text]));
    for (const [key, text] of english.get(name) ?? []) {
      const translated = other.get(key.replace(PLURAL, ""));
      // A singular may say "one" without the figure.
      if (translated !== undefined && !key.endsWith("_one"))
        expect(holes(translated), `${name}:${key}`).toEqual(holes(text));
    }
  });

  it("leave no text empty, and each is in its own language", () => {
    for (const [name, rows] of english)
      for (const [key, text] of rows) {
        expect(text.trim(), `en ${name}:${key}`).not.toBe("");
        expect(/\p{Script=Han}/u.test(text), `en ${name}:${key} has Chinese in it`).toBe(false);
      }
    for (const [name, rows] of chinese)
      for (const [key, text] of rows) expect(text.trim(), `zh-CN ${name}:${key}`).not.toBe("");
  });
});

// ---- what the code asks for ----

interface Asked {
  file: string;
  namespaces: string[];
  key: string;
  /** The key goes on with something that is put in while running. */
  open: boolean;
}

/** The first argument of a call that begins at `from`, which stands behind its parenthesis. */
function firstArgument(text: string, from: number): string {
  let depth = 0;
  for (let i = from; i < text.length; i += 1) {
    const sign = text[i] ?? "";
    if ("([{".includes(sign)) depth += 1;
    if (depth === 0 && ",)".includes(sign)) return text.slice(from, i);
    if (")]}".includes(sign)) depth -= 1;
  }
  return "";
}

function translators(text: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const add = (name: string, namespace: string) => found.set(name, [...(found.get(name) ?? []), namespace]);
  for (const [, names = "", namespace = "shell"] of text.matchAll(
    /const \{([^}]*)\} = useTranslation\((?:"(\w+)")?\)/g,
  )) {
    const alias = /\bt(?:: (\w+))?\b/.exec(names);
    if (alias) add(alias[1] ?? "t", namespace);
  }
  for (const [, name = "t", namespace = ""] of text.matchAll(/(\w+): TFunction<"(\w+)">/g)) add(name, namespace);
  return found;
}

function askedIn(path: string): Asked[] {
  const text = readFileSync(path, "utf8");
  const asked: Asked[] = [];
  for (const [name, namespaces] of translators(text)) {
    for (const call of text.matchAll(new RegExp(`(?<![\\w.])${name}\\(`, "g"))) {
      // What something is compared with is no key.
      const argument = firstArgument(text, call.index + call[0].length).replaceAll(/[!=]== "[^"]*"/g, "");
      for (const [, quoted, template] of argument.matchAll(/"([^"]+)"|`([^`]*)`/g)) {
        const whole = quoted ?? template ?? "";
        const [head = "", ...more] = whole.split("${");
        const [given, key] = head.includes(":") ? (head.split(":") as [string, string]) : [undefined, head];
        asked.push({
          file: relative(SOURCE, path),
          namespaces: given ? [given] : namespaces,
          key,
          open: more.length > 0,
        });
      }
    }
  }
  return asked;
}

const asked = (readdirSync(SOURCE, { recursive: true, encoding: "utf8" }) as string[])
  .filter((name) => /\.tsx?$/.test(name) && !name.includes(".test."))
  .flatMap((name) => askedIn(join(SOURCE, name)));

describe("the code", () => {
  it("is read", () => expect(asked.length).toBeGreaterThan(50));

  it("asks for no text that there is not", () => {
    const missing = asked.filter(({ namespaces, key, open }) => {
      const keys = namespaces.flatMap((name) => [...keysOf(english.get(name))]);
      return open ? !keys.some((other) => other.startsWith(key)) : !keys.includes(key);
    });
    expect(missing).toEqual([]);
  });

  it("asks for every text", () => {
    const own = [...english.keys()].filter((name) => name !== "schema" && name !== "problems");
    for (const name of own) {
      const mine = asked.filter(({ namespaces }) => namespaces.includes(name));
      const unused = [...keysOf(english.get(name))].filter(
        (key) => !mine.some((one) => (one.open ? key.startsWith(one.key) : key === one.key)),
      );
      expect(unused, name).toEqual([]);
    }
  });
});

// ---- what the schema tells ----

/** What is here or there only, by name, so that a failure says what to add. */
function differences(here: readonly string[], there: readonly string[]): string[] {
  return [
    ...there.filter((name) => !here.includes(name)).map((name) => `missing: ${name}`),
    ...here.filter((name) => !there.includes(name)).map((name) => `too many: ${name}`),
  ];
}

const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const kinds = Object.entries(schema)
  .filter(([name]) => name.endsWith("Values"))
  .map(([name, values]) => [snake(name.replace(/Values$/, "")), [...(values as readonly string[])]] as const);

describe("the schema", () => {
  it("has a label for each value that is shown, and no other", () => {
    const wanted = kinds
      .filter(([kind]) => !NEVER_SHOWN.includes(kind))
      .flatMap(([kind, values]) => values.map((value) => `${kind}.${value}`));
    expect(differences([...keysOf(english.get("schema"))], wanted)).toEqual([]);
  });

  it("has words for each problem and refusal, and no other", () => {
    const own = ["no_connection", "timeout", "unreadable", "too_many_streams", "passkey_not_shown", "passkey_known"];
    const wanted = [...schema.problemValues, ...schema.refusalValues, ...own];
    const keys = [...keysOf(english.get("problems"))];
    const titles = keys.filter((key) => key.startsWith("title.")).map((key) => key.slice(6));
    expect(differences(titles, wanted)).toEqual([]);
    const nexts = keys.filter((key) => key.startsWith("next.")).map((key) => key.slice(5));
    expect(nexts.filter((name) => !titles.includes(name))).toEqual([]);
  });
});
