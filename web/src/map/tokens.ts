// The design's colours as the map's two drawers want them: text for the style, four numbers for deck.gl.

export type Rgba = [number, number, number, number];

export function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

export function rgba(colour: string, alpha = 255): Rgba {
  const digits = /^#([0-9a-f]{6})$/i.exec(colour)?.[1];
  if (!digits) return [128, 128, 128, alpha];
  const value = Number.parseInt(digits, 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255, alpha];
}

export function colour(name: string, alpha = 255): Rgba {
  return rgba(token(name), alpha);
}
