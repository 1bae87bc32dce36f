// Makes sw.js: the service worker of the crew's phone, with the list of what it keeps. Kept are the shell, the crew's screen,
// the map's code, the texts and the font.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Plugin } from "vite";

const WORKER = new URL("./worker.js", import.meta.url);
const OTHERS = /^assets\/(?:answer|dispatch|hospital|wall|review|admin)-/;
const PUBLIC = ["manifest.webmanifest", "icons/mingdi.svg", "icons/mingdi-192.png"];

function isKept(file: string): boolean {
  if (/^assets\/.*\.(?:m?js|css)$/.test(file)) return !OTHERS.test(file);
  return file === "index.html" || file.startsWith("assets/inter-latin-wght");
}

export function offline(): Plugin {
  return {
    name: "mingdi-offline",
    apply: "build",
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        const made = Object.keys(bundle).filter(isKept).sort();
        const files = [...made, ...PUBLIC].map((file) => `/${file}`);
        const page = bundle["index.html"];
        const hash = createHash("sha256").update(files.join());
        if (page?.type === "asset") hash.update(page.source);
        const head = `const VERSION = "${hash.digest("hex").slice(0, 16)}";\nconst FILES = ${JSON.stringify(files)};\n`;
        this.emitFile({ type: "asset", fileName: "sw.js", source: head + readFileSync(WORKER, "utf8") });
      },
    },
  };
}
