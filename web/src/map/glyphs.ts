// The signs of units, incidents, hospitals and stations, as paths on a square of 64: each has a shape of its own, so that colour
// never tells alone. The legend shows the same signs.
import type { Priority } from "@schema";
import { token } from "@/map/tokens";
import type { UnitLook } from "@/map/types";

export type Sign =
  | UnitLook
  | Priority
  | `${Priority}-waiting`
  | "open"
  | "diverting"
  | "shut"
  | "station"
  | "pin"
  | "old"
  | "selected";

type Draw = (pen: CanvasRenderingContext2D) => void;

const LOOK_COLOURS: Record<UnitLook, string> = {
  post: "ok",
  returning: "ok",
  ordered: "warn",
  to_scene: "accent",
  scene: "accent",
  to_facility: "accent",
  facility: "accent",
  out_of_service: "text-3",
};

function disc(radius: number): Draw {
  return (pen) => pen.arc(32, 32, radius, 0, 2 * Math.PI);
}

function polygon(...points: [number, number][]): Draw {
  return (pen) => {
    for (const [x, y] of points) pen.lineTo(x, y);
    pen.closePath();
  };
}

function square(half: number, round: number): Draw {
  return (pen) => pen.roundRect(32 - half, 32 - half, 2 * half, 2 * half, round);
}

const PRIORITY_SHAPES: Record<Priority, Draw> = {
  critical: polygon([32, 6], [58, 32], [32, 58], [6, 32]),
  severe: polygon([32, 7], [59, 55], [5, 55]),
  urgent: disc(23),
  non_urgent: square(21, 5),
};

function fill(pen: CanvasRenderingContext2D, draw: Draw, colour: string, edge: string, width = 4): void {
  pen.beginPath();
  draw(pen);
  pen.lineWidth = width * 2;
  pen.strokeStyle = edge;
  pen.stroke();
  pen.fillStyle = colour;
  pen.fill();
}

function ring(pen: CanvasRenderingContext2D, draw: Draw, colour: string, width: number): void {
  pen.beginPath();
  draw(pen);
  pen.lineWidth = width;
  pen.strokeStyle = colour;
  pen.stroke();
}

function letter(pen: CanvasRenderingContext2D, text: string, colour: string, size: number, y = 33): void {
  pen.font = `800 ${size}px "Inter Variable", sans-serif`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillStyle = colour;
  pen.fillText(text, 32, y);
}

const CHEVRON = polygon([23, 19], [33, 19], [45, 32], [33, 45], [23, 45], [34, 32]);
const CROSS = polygon(
  [27, 19],
  [37, 19],
  [37, 27],
  [45, 27],
  [45, 37],
  [37, 37],
  [37, 45],
  [27, 45],
  [27, 37],
  [19, 37],
  [19, 27],
  [27, 27],
);

function drawUnit(pen: CanvasRenderingContext2D, look: UnitLook): void {
  const own = token(LOOK_COLOURS[look]);
  const edge = token("map-halo");
  const on = token("on-mark");
  const hollow = look === "post" || look === "ordered" || look === "facility";
  fill(pen, disc(22), hollow ? token("surface-1") : own, edge);
  if (hollow) ring(pen, disc(19), own, 6);
  pen.fillStyle = hollow ? own : on;
  pen.beginPath();
  if (look === "to_scene" || look === "returning" || look === "ordered") CHEVRON(pen);
  if (look === "scene") CROSS(pen);
  if (look === "post") pen.arc(32, 32, 7, 0, 2 * Math.PI);
  pen.fill();
  if (look === "to_facility" || look === "facility") letter(pen, "H", hollow ? own : on, 28);
  if (look === "out_of_service") letter(pen, "×", on, 36, 31);
}

const FIGURES: Record<Priority, [string, number]> = {
  critical: ["1", 33],
  severe: ["2", 41],
  urgent: ["3", 33],
  non_urgent: ["4", 33],
};

function drawIncident(pen: CanvasRenderingContext2D, priority: Priority, waiting: boolean): void {
  const own = token(priority === "non_urgent" ? "non-urgent" : priority);
  const [figure, y] = FIGURES[priority];
  if (waiting) {
    fill(pen, PRIORITY_SHAPES[priority], own, token("map-halo"));
    letter(pen, figure, token("on-mark"), 27, y);
  } else {
    fill(pen, PRIORITY_SHAPES[priority], token("surface-1"), token("map-halo"));
    ring(pen, PRIORITY_SHAPES[priority], own, 5);
    letter(pen, figure, own, 24, y);
  }
}

function drawFacility(pen: CanvasRenderingContext2D, state: "open" | "diverting" | "shut"): void {
  const own = token(state === "open" ? "text" : state === "diverting" ? "warn" : "bad");
  fill(pen, square(20, 7), state === "open" ? own : token("surface-1"), token("map-halo"));
  if (state !== "open") ring(pen, square(18, 5), own, 4);
  letter(pen, "H", state === "open" ? token("surface-1") : own, 28);
  if (state === "open") return;
  ring(pen, polygon([16, 48], [48, 16]), own, state === "shut" ? 6 : 3);
}

const HOUSE = polygon([32, 13], [52, 29], [52, 51], [12, 51], [12, 29]);
const PIN: Draw = (pen) => {
  pen.moveTo(32, 62);
  pen.bezierCurveTo(28, 48, 12, 42, 12, 24);
  pen.arc(32, 24, 20, Math.PI, 0);
  pen.bezierCurveTo(52, 42, 36, 48, 32, 62);
  pen.closePath();
};

/** Draws a sign on the square from (0, 0) to (64, 64). */
export function drawSign(pen: CanvasRenderingContext2D, sign: Sign): void {
  pen.lineJoin = "round";
  const [name, waiting] = sign.split("-") as [Sign, string | undefined];
  if (name === "open" || name === "diverting" || name === "shut") drawFacility(pen, name);
  else if (name in PRIORITY_SHAPES) drawIncident(pen, name as Priority, waiting !== undefined);
  else if (name === "station") {
    fill(pen, HOUSE, token("surface-1"), token("map-halo"), 3);
    ring(pen, HOUSE, token("text-2"), 4);
  } else if (name === "pin") {
    fill(pen, PIN, token("accent"), token("map-halo"), 2);
    fill(pen, (inner) => inner.arc(32, 24, 8, 0, 2 * Math.PI), token("on-mark"), token("accent"), 0);
  } else if (name === "old") ring(pen, disc(27), token("warn"), 4);
  else if (name === "selected") {
    ring(pen, disc(28), token("map-halo"), 7);
    ring(pen, disc(28), token("focus"), 4);
  } else drawUnit(pen, name as UnitLook);
}
