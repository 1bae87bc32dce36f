import type { Entity, Kind } from "@/live/state";

const OVER: { [K in Kind]: (entity: Entity<K>) => boolean } = {
  calls: (call) => call.state === "closed" || call.state === "linked" || call.state === "triaged",
  incidents: (incident) => incident.state === "closed",
  missions: (mission) => mission.state === "ended",
  units: () => false,
  posts: () => false,
  facilities: () => false,
  alarms: (alarm) => alarm.state === "cleared",
  messages: (message) => message.read_at !== null,
};

/** Whether it is still to be seen to; what is over stays in the store for a while. */
export function isOpen<K extends Kind>(kind: K, entity: Entity<K>): boolean {
  return !OVER[kind](entity);
}
