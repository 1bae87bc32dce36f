// The users' guide calls buttons and messages what the screen calls them: in English between asterisks, in Chinese between 「 and 」.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const GUIDE = join(import.meta.dirname, "../../../docs/guide");
const MESSAGES = join(import.meta.dirname, "../../src/i18n");

type Tree = { [key: string]: string | Tree };

function leaves(tree: Tree): string[] {
  return Object.values(tree).flatMap((value) => (typeof value === "string" ? [value] : leaves(value)));
}

function messagesOf(language: string): string[] {
  const folder = join(MESSAGES, language);
  const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
  return files.flatMap((name) => leaves(JSON.parse(readFileSync(join(folder, name), "utf8")) as Tree));
}

/** The names on a page. Bold words are the guide's own, and code is what one types. */
function namesOn(page: string, pattern: RegExp): string[] {
  const text = page.replace(/```[\s\S]*?```|`[^`]*`|\*\*[^*]*\*\*/g, "");
  return [...text.matchAll(pattern)].map(([, name = ""]) => name);
}

/** The name is the message, or a part of it; "…" stands for what the screen fills in. */
function isSaid(name: string, messages: readonly string[]): boolean {
  const parts = name.split("…").map((part) => part.trim());
  return messages.some((message) => {
    let from = 0;
    for (const part of parts) {
      const at = message.indexOf(part, from);
      if (at < 0) return false;
      from = at + part.length;
    }
    return true;
  });
}

describe.each([
  { language: "en", folder: GUIDE, pattern: /\*([^*\n]+)\*/g },
  { language: "zh-CN", folder: join(GUIDE, "zh"), pattern: /「([^」]+)」/g },
])("the guide in $language", ({ language, folder, pattern }) => {
  const messages = messagesOf(language);
  const pages = readdirSync(folder).filter((name) => name.endsWith(".md"));

  it.each(pages)("calls things by the names of the screen: %s", (name) => {
    const names = namesOn(readFileSync(join(folder, name), "utf8"), pattern);
    expect(names).not.toEqual([]);
    expect(names.filter((one) => !isSaid(one, messages))).toEqual([]);
  });
});
