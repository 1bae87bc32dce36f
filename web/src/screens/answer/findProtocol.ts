// Finding a protocol by its key or by what the caller says, in either language.
import type { ProtocolSummary } from "@schema";

function grams(text: string): string[] {
  const found: string[] = [];
  for (let i = 0; i + 2 <= text.length; i += 1) found.push(text.slice(i, i + 2));
  return found;
}

/** How well one phrase fits what was typed: 0 not at all. */
function closeness(phrase: string, typed: string): number {
  const words = phrase.toLowerCase();
  if (words === typed) return 10;
  if (words.startsWith(typed)) return 7;
  if (words.split(/[\s(（，,:/-]+/).some((word) => word.startsWith(typed))) return 6;
  if (typed.length > 1 && words.includes(typed)) return 5;
  if (typed.length > 2 && words.length > 2 && typed.includes(words)) return 4;
  const parts = typed.split(/\s+/).filter((part) => part.length > 2);
  if (parts.length > 1) return parts.filter((part) => words.includes(part)).length / parts.length;
  // Chinese has no spaces: two characters that stand together count as a word.
  if (!/\p{Script=Han}/u.test(typed)) return 0;
  const pairs = grams(typed);
  const hits = pairs.filter((pair) => words.includes(pair)).length;
  return pairs.length > 0 ? (3 * hits) / pairs.length : 0;
}

function score(protocol: ProtocolSummary, typed: string): number {
  if (typed === protocol.key) return 20;
  const titles = Math.max(
    closeness(protocol.title.en, typed),
    closeness(protocol.title.zh, typed),
    closeness(protocol.id, typed),
  );
  const words = [...protocol.words.en, ...protocol.words.zh].map((word) => closeness(word, typed));
  return Math.max(titles + (titles > 0 ? 0.5 : 0), ...words);
}

/** Those that fit, the best first; all of them in their order while nothing is typed. */
export function findProtocols(items: readonly ProtocolSummary[], text: string): readonly ProtocolSummary[] {
  const typed = text.trim().toLowerCase();
  if (typed === "") return items;
  return items
    .map((protocol) => ({ protocol, score: score(protocol, typed) }))
    .filter((one) => one.score > 0)
    .sort((one, other) => other.score - one.score || one.protocol.number - other.protocol.number)
    .map((one) => one.protocol);
}

/** What the caller says that led to it, to be shown beside its title. */
export function matchedWord(protocol: ProtocolSummary, text: string, language: "en" | "zh"): string {
  const typed = text.trim().toLowerCase();
  if (typed.length < 2) return "";
  const all = [...protocol.words[language], ...protocol.words[language === "en" ? "zh" : "en"]];
  const best = all
    .map((word) => ({ word, score: closeness(word, typed) }))
    .sort((one, other) => other.score - one.score)[0];
  return best && best.score > 0 ? best.word : "";
}
