// The crew's phone: its page starts without network. Kept offline are the shell, the crew's screen, the map's code and the
// fonts; never anything of the API, so that no figure is shown without its age.
import type { Plugin } from "vite";
import { VitePWA } from "vite-plugin-pwa";

const OTHER_SCREENS = ["answer", "dispatch", "hospital", "wall", "review", "admin"];

export function offline(): Plugin[] {
  return VitePWA({
    filename: "sw.js",
    manifest: false,
    injectRegister: null,
    registerType: "autoUpdate",
    workbox: {
      inlineWorkboxRuntime: true,
      sourcemap: false,
      globPatterns: [
        "index.html",
        "manifest.webmanifest",
        "icons/*",
        "assets/*.{js,mjs,css}",
        "assets/inter-latin-wght*.woff2",
      ],
      globIgnores: OTHER_SCREENS.map((name) => `assets/${name}-*`),
      maximumFileSizeToCacheInBytes: 6_000_000,
      navigateFallback: "/index.html",
      navigateFallbackAllowlist: [/^\/console\/crew/],
      cleanupOutdatedCaches: true,
      clientsClaim: true,
      skipWaiting: true,
    },
  });
}
