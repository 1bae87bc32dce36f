const WORDS: Record<string, string> = {
  Enter: "↵",
  Escape: "Esc",
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  Space: "␣",
};

/** How a key is written: "Alt+1" -> "Alt 1", "Enter" -> "↵", "k" -> "K". */
export function keyText(keys: string): string {
  return keys
    .split("+")
    .map((part) => WORDS[part] ?? (part.length === 1 ? part.toUpperCase() : part))
    .join(" ");
}
