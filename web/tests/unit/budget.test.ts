// What a call-taker's browser has to fetch before the first call can be answered: at most 350 kB of compressed JavaScript,
// and neither the map nor another screen among it.
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const BUILT = process.env.MINGDI_CONSOLE_OUT ?? join(import.meta.dirname, "../../../build/console");
const MANIFEST = join(BUILT, "chunks.json");
const LIMIT_BYTES = 350_000;
const TEXTS = ["shell", "ui", "schema", "problems", "answer"].map((name) => `src/i18n/zh-CN/${name}.json`);

interface Chunk {
  file: string;
  imports?: string[];
  isEntry?: boolean;
}

function needed(chunks: Record<string, Chunk>, roots: readonly string[]): Set<string> {
  const found = new Set<string>();
  const take = (name: string) => {
    if (found.has(name)) return;
    found.add(name);
    for (const other of chunks[name]?.imports ?? []) take(other);
  };
  for (const root of roots) take(root);
  return found;
}

function compressedBytes(file: string): number {
  const path = join(BUILT, file);
  return statSync(existsSync(`${path}.gz`) ? `${path}.gz` : path).size;
}

describe.skipIf(!existsSync(MANIFEST))("the built console", () => {
  const chunks = existsSync(MANIFEST) ? (JSON.parse(readFileSync(MANIFEST, "utf8")) as Record<string, Chunk>) : {};
  const entry = Object.keys(chunks).filter((name) => chunks[name]?.isEntry);
  const names = needed(chunks, [...entry, "src/screens/answer/index.tsx", ...TEXTS]);

  it("has an entry, the answer screen and its texts", () => {
    expect(entry).toHaveLength(1);
    for (const name of ["src/screens/answer/index.tsx", ...TEXTS]) expect(chunks[name]?.file, name).toMatch(/\.js$/);
  });

  it("needs less than 350 kB of JavaScript for the first call", () => {
    const bytes = [...names].reduce((sum, name) => sum + compressedBytes(chunks[name]?.file ?? ""), 0);
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes).toBeLessThan(LIMIT_BYTES);
  });

  it("fetches neither the map nor another screen for it", () => {
    expect([...names].filter((name) => /src\/map\/|maplibre|deck/.test(name))).toEqual([]);
    expect([...names].filter((name) => /src\/screens\/(?!answer\/)[^/]+\/index/.test(name))).toEqual([]);
  });

  it("has nothing inline in its page, which the Content-Security-Policy would refuse", () => {
    const page = readFileSync(join(BUILT, "index.html"), "utf8");
    expect(page).not.toMatch(/<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)/);
    expect(page).not.toMatch(/https?:\/\/|data:/);
  });
});
