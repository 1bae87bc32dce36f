import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ProtocolSummary } from "@schema";
import { describe, expect, it } from "vitest";
import { findProtocols, matchedWord } from "@/screens/answer/findProtocol";

const FOLDER = join(import.meta.dirname, "../../../../protocols");

/** The heads of the real protocols: enough of YAML for their regular form. */
function head(name: string): ProtocolSummary {
  const text = readFileSync(join(FOLDER, name), "utf8");
  const one = (pattern: RegExp) => pattern.exec(text)?.[1] ?? "";
  const words = (language: string) =>
    [...one(new RegExp(`^words:[^]*?\\b${language}: \\[([^\\]]*)\\]`, "m")).matchAll(/"([^"]*)"/g)].map(
      (word) => word[1] ?? "",
    );
  return {
    number: Number(one(/^number: (\d+)/m)),
    id: one(/^protocol: (\w+)/m),
    version: Number(one(/^version: (\d+)/m)),
    key: one(/^key: "?(\w)/m),
    title: { en: one(/^title: \{en: "([^"]*)"/m), zh: one(/^title:.*zh: "([^"]*)"/m) },
    words: { en: words("en"), zh: words("zh") },
  };
}

const items = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".yaml"))
  .map(head)
  .sort((one, other) => one.number - other.number);
const first = (text: string) => findProtocols(items, text)[0]?.id;

describe("the protocol that is looked for", () => {
  it("is among all of them", () => {
    expect(items.length).toBeGreaterThan(20);
    expect(items.every((item) => item.words.en.length > 0 && item.words.zh.length > 0 && item.key !== "")).toBe(true);
    expect(findProtocols(items, "  ")).toHaveLength(items.length);
  });

  it("is found by its key", () => {
    for (const item of items) expect(first(item.key)).toBe(item.id);
  });

  it("is found by its title in both languages, whole and begun", () => {
    for (const item of items) {
      expect(first(item.title.en), item.title.en).toBe(item.id);
      expect(first(item.title.zh), item.title.zh).toBe(item.id);
    }
    expect(first("chok")).toBe("choking");
    expect(first("卒中")).toBe("stroke");
  });

  it("is found by what callers say", () => {
    expect(first("fish bone")).toBe("choking");
    expect(first("没呼吸")).toBe("arrest");
    expect(first("collapsed")).toBe("arrest");
  });

  it("is not found where nothing fits", () => expect(findProtocols(items, "qqqq")).toEqual([]));

  it("tells by which words it was found", () => {
    const choking = items.find((item) => item.id === "choking");
    expect(choking && matchedWord(choking, "fish", "en")).toBe("fish bone");
    expect(choking && matchedWord(choking, "f", "en")).toBe("");
  });
});
