import type { EventName } from "@schema";
import type { Entity, Hand, Held, Kind } from "@/live/state";

/** [unit, longitude and latitude in 1e-7 degree, age in milliseconds] */
export type PositionItem = readonly [number, number, number, number];

interface Timed {
  now: string;
  speed?: number;
}

type Lists = { [K in Kind]?: Entity<K>[] };

export interface SnapshotMessage extends Timed {
  type: "snapshot";
  sequence: number;
  reset?: boolean;
  state: Lists & { control: Held[]; positions: PositionItem[] };
}

export type LiveEvent = { event: EventName } & Record<string, unknown>;

export interface ChangeMessage extends Timed, Lists {
  type: "change";
  sequence: number;
  from: number;
  gone?: Partial<Record<Kind, number[]>>;
  events?: LiveEvent[];
  events_left_out?: boolean;
}

export interface PositionsMessage extends Timed {
  type: "positions";
  items: PositionItem[];
}

export interface ControlMessage extends Timed {
  type: "control";
  items: Held[];
}

export interface HandsMessage extends Timed {
  type: "hands";
  items: Hand[];
}

export interface ClockMessage extends Timed {
  type: "clock" | "pong";
  sequence: number;
}

export type LiveMessage =
  | SnapshotMessage
  | ChangeMessage
  | PositionsMessage
  | ControlMessage
  | HandsMessage
  | ClockMessage
  | { type: "problem" };

/** Null for what is no message; the server is trusted with the form of those it names. */
export function readMessage(text: string): LiveMessage | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && "type" in value) return value as LiveMessage;
  } catch {
    return null;
  }
  return null;
}
