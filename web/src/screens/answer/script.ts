// The language in which one speaks with the caller: apart from the screen's.
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import { languageOf } from "@/i18n";

export type ScriptLanguage = "en" | "zh";

/** Null: as the screen. Chosen for one call, and gone with it. */
const scriptStore = createStore<{ chosen: ScriptLanguage | null }>(() => ({ chosen: null }));

export function resetScript(): void {
  scriptStore.setState({ chosen: null });
}

export function useScript(): { language: ScriptLanguage; own: ScriptLanguage; toggle: () => void } {
  const { i18n } = useTranslation();
  const chosen = useStore(scriptStore, (store) => store.chosen);
  const own: ScriptLanguage = languageOf(i18n.language) === "zh-CN" ? "zh" : "en";
  const language = chosen ?? own;
  return { language, own, toggle: () => scriptStore.setState({ chosen: language === "en" ? "zh" : "en" }) };
}

/** For screen readers and for the choice of letter forms. */
export function langOf(language: ScriptLanguage): string {
  return language === "zh" ? "zh-CN" : "en";
}
