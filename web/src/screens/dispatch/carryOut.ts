// What an order is for the centre: its commands.
import type { CommandName, Commands } from "@schema";
import { command, newKey, post } from "@/api/client";
import { asProblem } from "@/api/problem";
import { entityOf } from "@/live/state";
import type { Order } from "@/screens/dispatch/orders";

type Send = <K extends CommandName>(name: K, fields: Commands[K]) => Promise<unknown>;

const send: Send = (name, fields) => command(name, fields);
const incidentRevision = (id: number, seen?: number) => seen ?? entityOf("incidents", id)?.revision ?? null;

/** Some of it was done before the rest was refused. */
export class Partly extends Error {
  readonly refusal: unknown;
  readonly step: "requested" | "assigned";
  /** What is left to do. */
  readonly rest: Order;

  constructor(refusal: unknown, step: "requested" | "assigned", rest: Order) {
    super(step);
    this.refusal = refusal;
    this.step = step;
    this.rest = rest;
  }
}

/** A newer recommendation does not change what a person decides on the need; what a person has changed has to be looked at. */
async function whateverMachinesDid(revision: number | null, give: (revision: number | null) => Promise<unknown>) {
  try {
    return await give(revision);
  } catch (thrown) {
    const { name, details } = asProblem(thrown);
    const byMachine = details.by?.actor_kind === "road" || details.by?.actor_kind === "system";
    if (name !== "stale_revision" || !byMachine || details.revision_now === undefined) throw thrown;
    return give(details.revision_now);
  }
}

/** Sends the other first, so that the incident never waits; then the one before is stood down. */
async function swap(order: Extract<Order, { what: "swap" }>): Promise<void> {
  const { incident, unit, mission, override = "other" } = order;
  const seen = entityOf("incidents", incident);
  const full = (seen?.units_wanted ?? 0) - (seen?.units_assigned ?? 0) - (seen?.units_short ?? 0) <= 0;
  if (full) await send("units_request", { incident, more: 1, needs: [] });
  try {
    await send("unit_assign", { incident, unit, override });
  } catch (thrown) {
    throw full ? new Partly(thrown, "requested", { what: "send", incident, unit, override }) : thrown;
  }
  try {
    await send("mission_cancel", { mission, still_needed: full ? 0 : 1 });
  } catch (thrown) {
    throw new Partly(thrown, "assigned", { what: "stand_down", mission, still_needed: !full });
  }
}

async function acknowledge(alarms: readonly number[]): Promise<void> {
  for (const id of alarms) {
    const alarm = entityOf("alarms", id);
    if (alarm?.state === "raised") await send("alarm_acknowledge", { alarm: id, revision: alarm.revision });
  }
}

/** Sends the commands of one order; throws a Problem, or Partly. */
export function carryOut(order: Order): Promise<unknown> {
  switch (order.what) {
    case "send": {
      const { incident, unit, override } = order;
      const incident_revision = incidentRevision(incident, order.revision);
      return send("unit_assign", { incident, incident_revision, unit, override: override ?? "none" });
    }
    case "swap":
      return swap(order);
    case "more":
      return send("units_request", { incident: order.incident, more: order.more, needs: order.needs });
    case "cancel":
      return whateverMachinesDid(incidentRevision(order.incident, order.revision), (revision) =>
        send("incident_cancel", { incident: order.incident, revision }),
      );
    case "stand_down":
      return send("mission_cancel", { mission: order.mission, still_needed: order.still_needed ? 1 : 0 });
    case "priority":
      return whateverMachinesDid(incidentRevision(order.incident, order.revision), (revision) =>
        send("incident_prioritise", { incident: order.incident, revision, priority: order.priority }),
      );
    case "shortfall":
      return send("incident_shortfall", {
        incident: order.incident,
        revision: incidentRevision(order.incident, order.revision),
        reason: order.reason,
      });
    case "reconsider":
      return send("incident_reconsider", {
        incident: order.incident,
        revision: incidentRevision(order.incident, order.revision),
      });
    case "destination":
      return send("destination_set", {
        mission: order.mission,
        facility: order.facility,
        override: order.override ?? "none",
      });
    case "transport":
      return send("transport_request", {
        mission: order.mission,
        needs: order.needs,
        bed_kind: order.bed_kind,
        tier_min: order.tier_min,
      });
    case "report_mission":
      return send("mission_report", { mission: order.mission, stage: order.stage });
    case "report_unit":
      return send("unit_report", { unit: order.unit, what: order.event });
    case "move":
      return send("unit_move", {
        unit: order.unit,
        revision: entityOf("units", order.unit)?.revision ?? null,
        post: order.post,
      });
    case "acknowledge":
      return acknowledge(order.alarms);
    case "message":
      return post(
        "/api/v1/messages",
        { unit: order.unit, incident: order.incident, text: order.text },
        { key: newKey() },
      );
    case "read":
      return send("message_read", { message: order.message });
  }
}
