// Pictures of all signs, and of the units' codes, on one canvas each: deck.gl then draws thousands of them at once.
import type { IconLayerProps } from "@deck.gl/layers";
import { drawSign, type Sign } from "@/map/glyphs";
import { token } from "@/map/tokens";

type Texture = NonNullable<IconLayerProps["iconAtlas"]>;

interface Picture {
  x: number;
  y: number;
  width: number;
  height: number;
  anchorX: number;
  anchorY: number;
}

export interface Atlas {
  /** deck.gl takes a canvas as well, though its types do not say so. */
  canvas: Texture;
  mapping: Record<string, Picture>;
}

const CELL = 72;
const MARGIN = 4;

export const SIGNS: readonly Sign[] = [
  "post",
  "returning",
  "ordered",
  "to_scene",
  "scene",
  "to_facility",
  "facility",
  "out_of_service",
  "critical",
  "severe",
  "urgent",
  "non_urgent",
  "critical-waiting",
  "severe-waiting",
  "urgent-waiting",
  "non_urgent-waiting",
  "open",
  "diverting",
  "shut",
  "station",
  "pin",
  "old",
  "selected",
];

function canvasOf(width: number, height: number): [HTMLCanvasElement, CanvasRenderingContext2D] {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("this browser draws no pictures");
  return [canvas, pen];
}

export function makeSigns(): Atlas {
  const [canvas, pen] = canvasOf(8 * CELL, Math.ceil(SIGNS.length / 8) * CELL);
  const mapping: Record<string, Picture> = {};
  SIGNS.forEach((sign, i) => {
    const [x, y] = [(i % 8) * CELL, Math.floor(i / 8) * CELL];
    pen.save();
    pen.translate(x + MARGIN, y + MARGIN);
    drawSign(pen, sign);
    pen.restore();
    const anchorY = sign === "pin" ? CELL - 6 : CELL / 2;
    mapping[sign] = { x, y, width: CELL, height: CELL, anchorX: CELL / 2, anchorY };
  });
  return { canvas: canvas as unknown as Texture, mapping };
}

const LABEL_HEIGHT = 36;
const LABEL_GAP = 34;
const SHEET = 2048;

/** Texts at the right of their anchor, in the letters and colours of the map. */
export function makeLabels(texts: Iterable<string>, colour = "text"): Atlas {
  const [, measure] = canvasOf(1, 1);
  const font = '600 22px "Inter Variable", "Noto Sans CJK SC", sans-serif';
  measure.font = font;
  const mapping: Record<string, Picture> = {};
  let [x, y] = [0, 0];
  for (const text of new Set(texts)) {
    const width = Math.min(SHEET, Math.ceil(measure.measureText(text).width) + 12);
    if (x + width > SHEET) [x, y] = [0, y + LABEL_HEIGHT];
    mapping[text] = { x, y, width, height: LABEL_HEIGHT, anchorX: -LABEL_GAP, anchorY: LABEL_HEIGHT / 2 };
    x += width;
  }
  const [canvas, pen] = canvasOf(SHEET, y + LABEL_HEIGHT);
  pen.font = font;
  pen.textBaseline = "middle";
  pen.lineJoin = "round";
  pen.lineWidth = 7;
  pen.strokeStyle = token("map-halo");
  pen.fillStyle = token(colour);
  for (const [text, picture] of Object.entries(mapping)) {
    pen.strokeText(text, picture.x + 6, picture.y + LABEL_HEIGHT / 2, picture.width - 12);
    pen.fillText(text, picture.x + 6, picture.y + LABEL_HEIGHT / 2, picture.width - 12);
  }
  return { canvas: canvas as unknown as Texture, mapping };
}
