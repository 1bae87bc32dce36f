import type { EventName } from "@schema";
import type { Entity, Hand, Held, Kind } from "@/live/state";

/** What positions suggest to be reported: a stage of the mission, that the post is reached, or nothing to press yet. */
export type Suggested = "depart" | "near_scene" | "arrive" | "leave_scene" | "reach_facility" | "reach_post";

/** [unit, longitude and latitude in 1e-7 degree, age in milliseconds], and what it suggests since how many milliseconds */
export type PositionItem = readonly [number, number, number, number, Suggested?, number?];

interface Timed {
  now: string;
  speed?: number;
}

type Lists = { [K in Kind]?: Entity<K>[] };

export interface SnapshotMessage extends Timed {
  type: "snapshot";
  sequence: number;
  fingerprint: string;
  /** What was known here is of another journal than the centre's. */
  reset?: boolean;
  state: Lists & { control: Held[]; positions: PositionItem[] };
}

export type LiveEvent = { event: EventName } & Record<string, unknown>;

export interface ChangeMessage extends Timed, Lists {
  type: "change";
  sequence: number;
  fingerprint: string;
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
  fingerprint: string;
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
