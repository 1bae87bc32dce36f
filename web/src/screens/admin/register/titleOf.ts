/** "A-12 Ambulance 12"; where both are the same, once. */
export function titleOf({ code, name }: { code: string; name: string }): string {
  return code === name || name === "" ? code : `${code} ${name}`;
}
