/** Whether every word that was typed is somewhere in the text. */
export function fits(text: string, typed: string): boolean {
  const low = text.toLocaleLowerCase();
  return typed
    .toLocaleLowerCase()
    .split(/\s+/)
    .every((word) => low.includes(word));
}
