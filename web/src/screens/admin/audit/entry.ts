// An entry of the journal as names and texts, whatever its command.
import type { Entry } from "@schema";

const ROWS_MAX = 200;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function nameOfCommand(entry: Entry): string {
  return isRecord(entry.command) ? String(entry.command.command ?? "") : "";
}

export function nameOfEvent(event: unknown): string {
  return isRecord(event) ? String(event.event ?? "") : "";
}

function isPlain(value: unknown): boolean {
  return typeof value !== "object" || value === null;
}

/** Every field with its path: "items[2].unit". Lists of plain values are one field; long ones end with a mark. */
export function flatFields(value: unknown): [string, string][] {
  const rows: [string, string][] = [];
  const add = (path: string, one: unknown) => {
    if (rows.length > ROWS_MAX) return;
    if (rows.length === ROWS_MAX) rows.push(["…", ""]);
    else if (isPlain(one)) rows.push([path, one === null ? "–" : String(one)]);
    else if (Array.isArray(one) && one.every(isPlain)) rows.push([path, one.join(", ")]);
    else if (Array.isArray(one)) for (const [index, item] of one.entries()) add(`${path}[${index}]`, item);
    else if (isRecord(one)) for (const [key, item] of Object.entries(one)) add(path ? `${path}.${key}` : key, item);
  };
  if (isRecord(value)) {
    const { command: _, event: __, ...fields } = value;
    add("", fields);
  }
  return rows;
}
