import "./build/oldNode.ts";
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { twoLocales } from "./build/locales.ts";
import { offline } from "./build/offline.ts";
import { precompress } from "./build/precompress.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// The server that the development server passes the API on to.
const target = process.env.MINGDI_TARGET ?? "http://127.0.0.1:8120";
const proxy = { "/api": { target, ws: true }, "/healthz": target, "/readyz": target };

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; " +
  "worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

export default defineConfig({
  base: "/",
  resolve: { alias: { "@schema": here("./generated/schema.ts"), "@": here("./src") } },
  plugins: [react(), twoLocales(), offline(), precompress()],
  server: { port: Number(process.env.MINGDI_DEV_PORT ?? 5173), strictPort: true, proxy },
  // The built console beside a running server, with the policy that the server would send.
  preview: {
    port: Number(process.env.MINGDI_DEV_PORT ?? 4173),
    strictPort: true,
    proxy,
    headers: { "Content-Security-Policy": POLICY },
  },
  build: {
    outDir: process.env.MINGDI_CONSOLE_OUT ?? here("../build/console"),
    emptyOutDir: true,
    manifest: "chunks.json",
    // Which packages are in it, with their licences: these want to be passed on, and tools/sbom makes its list of it.
    license: { fileName: "licenses.json" },
    // Fonts and pictures stay files: the Content-Security-Policy knows no data: fonts.
    assetsInlineLimit: 0,
    target: "es2023",
    reportCompressedSize: false,
    chunkSizeWarningLimit: 2000,
    rollupOptions: {
      output: {
        assetFileNames: "assets/[name]-[hash][extname]",
        chunkFileNames: "assets/[name]-[hash].js",
        entryFileNames: "assets/[name]-[hash].js",
      },
    },
  },
  test: {
    include: ["src/**/*.test.{ts,tsx}", "tests/unit/**/*.test.ts"],
    environment: "node",
    restoreMocks: true,
  },
});
