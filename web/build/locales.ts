// The component library carries its few words in 34 languages; the console speaks two.
import type { Plugin } from "vite";

const WORDS = /[\\/]react-(?:aria|aria-components|stately)[\\/].*[\\/]intl[\\/](?:.*[\\/])?([a-z]{2}-[A-Z]{2})\.mjs$/;
const SPOKEN = ["en-US", "zh-CN"];

export function twoLocales(): Plugin {
  return {
    name: "mingdi-two-locales",
    apply: "build",
    enforce: "pre",
    load(id) {
      const locale = WORDS.exec(id)?.[1];
      return locale === undefined || SPOKEN.includes(locale) ? null : "export default {};";
    },
  };
}
