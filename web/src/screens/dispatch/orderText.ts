// The order in a few words, for what is told of it.
import type { TFunction } from "i18next";
import type { LabelOf } from "@/i18n/labels";
import { entityOf } from "@/live/state";
import type { Order } from "@/screens/dispatch/orders";

const unitName = (id: number) => entityOf("units", id)?.code ?? String(id);
const missionUnit = (id: number) => entityOf("missions", id)?.unit_code ?? String(id);

export function orderText(t: TFunction<"dispatch">, label: LabelOf, order: Order): string {
  switch (order.what) {
    case "send":
      return t("orders.send", { unit: unitName(order.unit), incident: order.incident });
    case "swap":
      return t("orders.swap", {
        unit: unitName(order.unit),
        other: missionUnit(order.mission),
        incident: order.incident,
      });
    case "more":
      return t("orders.more", { count: order.more, incident: order.incident });
    case "cancel":
      return t("orders.cancel", { incident: order.incident });
    case "stand_down":
      return t("orders.stand_down", { unit: missionUnit(order.mission) });
    case "priority":
      return t("orders.priority", { incident: order.incident, priority: label("priority", order.priority) });
    case "shortfall":
      return t("orders.shortfall", { incident: order.incident });
    case "reconsider":
      return t("orders.reconsider", { incident: order.incident });
    case "destination": {
      const facility = entityOf("facilities", order.facility)?.name ?? String(order.facility);
      return t("orders.destination", { unit: missionUnit(order.mission), facility });
    }
    case "transport":
      return t("orders.transport", { unit: missionUnit(order.mission) });
    case "report_mission":
      return t("orders.report", {
        unit: missionUnit(order.mission),
        stage: label("mission_event", order.stage),
      });
    case "report_unit":
      return t("orders.report", { unit: unitName(order.unit), stage: label("unit_event", order.event) });
    case "move":
      return t("orders.move", { unit: unitName(order.unit), post: entityOf("posts", order.post)?.name ?? order.post });
    case "acknowledge":
      return t("orders.acknowledge", { count: order.alarms.length });
    case "message":
      return t("orders.message", { unit: unitName(order.unit) });
    case "read":
      return t("orders.read");
  }
}
