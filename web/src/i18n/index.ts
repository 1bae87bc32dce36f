// Texts: a file a language and namespace, fetched when a screen first asks for it. English stands in for nothing: a test
// holds both languages to the same keys.
import i18next, { type BackendModule } from "i18next";
import { initReactI18next } from "react-i18next";

export type Language = "en" | "zh-CN";
export const LANGUAGES: readonly Language[] = ["zh-CN", "en"];
const STORED = "mingdi.language";

const files = import.meta.glob<{ default: Record<string, unknown> }>("./{en,zh-CN}/*.json");

const backend: BackendModule = {
  type: "backend",
  init: () => {},
  read: (language, namespace, done) => {
    const load = files[`./${language}/${namespace}.json`];
    if (!load) return done(new Error(`no texts ${language}/${namespace}`), false);
    load().then(
      (module) => done(null, module.default),
      (reason: unknown) => done(reason instanceof Error ? reason : new Error(String(reason)), true),
    );
  },
};

export function languageOf(wish: string | null | undefined): Language {
  return wish?.toLowerCase().startsWith("zh") ? "zh-CN" : "en";
}

export function storedLanguage(): Language {
  return languageOf(localStorage.getItem(STORED) ?? navigator.language);
}

export async function setLanguage(language: Language): Promise<void> {
  localStorage.setItem(STORED, language);
  await i18next.changeLanguage(language);
}

i18next.on("languageChanged", (language) => {
  document.documentElement.lang = language;
});

/** Texts that will be asked for soon. */
export async function fetchTexts(namespace: string): Promise<void> {
  await files[`./${storedLanguage()}/${namespace}.json`]?.();
}

export async function startTexts(): Promise<void> {
  await i18next
    .use(backend)
    .use(initReactI18next)
    .init({
      lng: storedLanguage(),
      fallbackLng: false,
      ns: ["shell", "ui", "schema", "problems"],
      defaultNS: "shell",
      interpolation: { escapeValue: false },
      returnNull: false,
    });
}
