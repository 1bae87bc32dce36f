import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { LANGUAGES, languageOf, setLanguage } from "@/i18n";
import { setTheme, THEMES, type Theme, themeStore } from "@/shell/theme";
import { Button } from "@/ui/Button";
import { Menu } from "@/ui/Menu";

const NAMES = { "zh-CN": "中文", en: "English" } as const;

/** One press: there are two languages. The button names the other one, in that language. */
export function LanguageButton() {
  const { t, i18n } = useTranslation("shell");
  const now = languageOf(i18n.language);
  const other = LANGUAGES.find((language) => language !== now) ?? "en";
  return (
    <Button kind="quiet" onPress={() => void setLanguage(other)} aria-label={t("language", { name: NAMES[other] })}>
      <span lang={other}>{NAMES[other]}</span>
    </Button>
  );
}

export function ThemeMenu() {
  const { t } = useTranslation("shell");
  const theme = useStore(themeStore, (store) => store.theme);
  return (
    <Menu
      label={t("theme.label")}
      chosen={theme}
      items={THEMES.map((id) => ({ id, text: t(`theme.${id}`) }))}
      onAct={(id) => setTheme(id as Theme)}
      button={
        <Button kind="quiet" icon aria-label={t("theme.label")}>
          ◐
        </Button>
      }
    />
  );
}
