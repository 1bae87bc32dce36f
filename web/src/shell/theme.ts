import { createStore } from "zustand/vanilla";

export type Theme = "dark" | "bright" | "system";
export const THEMES: readonly Theme[] = ["dark", "bright", "system"];
const STORED = "mingdi.theme";
const SYSTEM = "(prefers-color-scheme: light)";

function storedTheme(): Theme {
  const stored = localStorage.getItem(STORED);
  return THEMES.find((theme) => theme === stored) ?? "dark";
}

export const themeStore = createStore<{ theme: Theme; shown: "dark" | "bright" }>(() => ({
  theme: "dark",
  shown: "dark",
}));

function show(theme: Theme): void {
  const bright = theme === "bright" || (theme === "system" && window.matchMedia(SYSTEM).matches);
  const shown = bright ? "bright" : "dark";
  document.documentElement.dataset.theme = shown;
  themeStore.setState({ theme, shown });
}

export function setTheme(theme: Theme): void {
  localStorage.setItem(STORED, theme);
  show(theme);
}

export function startTheme(): void {
  show(storedTheme());
  window.matchMedia(SYSTEM).addEventListener("change", () => show(themeStore.getState().theme));
}
