// Questions of one key: why another unit, which priority, whether it is still needed ...
import {
  type Incident,
  type NeedSetLabel,
  type OverrideReason,
  overrideReasonValues,
  priorityValues,
  shortfallReasonValues,
} from "@schema";
import type { TFunction } from "i18next";
import type { LabelOf } from "@/i18n/labels";
import type { Order } from "@/screens/dispatch/orders";
import { ask, type Choice } from "@/screens/dispatch/store";

type Give = (order: Order) => void;

function numbered<T>(values: readonly T[], text: (value: T) => string, take: (value: T) => void): Choice[] {
  return values.map((value, index) => ({ key: String(index + 1), text: text(value), run: () => take(value) }));
}

/** Why not as recommended. */
export function askReason(
  t: TFunction<"dispatch">,
  label: LabelOf,
  what: string,
  give: (reason: OverrideReason) => void,
): void {
  const reasons = overrideReasonValues.filter((reason) => reason !== "none");
  ask({
    title: t("ask.reason"),
    text: t("ask.reasonText", { what }),
    choices: numbered(reasons, (reason) => label("override_reason", reason), give),
  });
}

export function askPriority(t: TFunction<"dispatch">, label: LabelOf, incident: Incident, give: Give): void {
  const { id, revision } = incident;
  ask({
    title: t("ask.priority", { id }),
    text: t("ask.priorityText", { priority: label("priority", incident.priority) }),
    choices: numbered(
      priorityValues,
      (priority) => label("priority", priority),
      (priority) => give({ what: "priority", incident: id, priority, revision }),
    ),
  });
}

export function askShortfall(t: TFunction<"dispatch">, label: LabelOf, incident: Incident, give: Give): void {
  const { id, revision } = incident;
  ask({
    title: t("ask.shortfall", { id }),
    text: t("ask.shortfallText"),
    choices: numbered(
      shortfallReasonValues,
      (reason) => label("shortfall_reason", reason),
      (reason) => give({ what: "shortfall", incident: id, reason, revision }),
    ),
  });
}

const ASKED_NEEDS: readonly NeedSetLabel[] = ["advanced", "physician", "defibrillator", "bariatric", "isolation"];

export function askMore(t: TFunction<"dispatch">, label: LabelOf, incident: Incident, give: Give): void {
  const one = (needs: readonly NeedSetLabel[]) => give({ what: "more", incident: incident.id, more: 1, needs });
  const plain = { key: "1", text: t("ask.morePlain"), run: () => one([]) };
  const special = ASKED_NEEDS.map((need, index) => ({
    key: String(index + 2),
    text: t("ask.moreWith", { need: label("need_set", need) }),
    run: () => one([need]),
  }));
  ask({ title: t("ask.more", { id: incident.id }), text: t("ask.moreText"), choices: [plain, ...special] });
}

export function askCancel(t: TFunction<"dispatch">, incident: Incident, give: Give): void {
  const { id, revision, missions } = incident;
  const units = missions.map((mission) => mission.unit_code ?? "").join(", ");
  ask({
    title: t("ask.cancel", { id }),
    text: units ? t("ask.cancelUnits", { units }) : t("ask.cancelNobody"),
    choices: [
      { key: "y", text: t("ask.cancelYes"), run: () => give({ what: "cancel", incident: id, revision }) },
      { key: "n", text: t("ask.no"), run: () => {} },
    ],
  });
}

export function askStandDown(t: TFunction<"dispatch">, mission: { id: number; unit_code?: string }, give: Give): void {
  const down = (still_needed: boolean) => give({ what: "stand_down", mission: mission.id, still_needed });
  ask({
    title: t("ask.standDown", { unit: mission.unit_code ?? "" }),
    text: t("ask.standDownText"),
    choices: [
      { key: "1", text: t("ask.standDownNeeded"), run: () => down(true) },
      { key: "2", text: t("ask.standDownEnough"), run: () => down(false) },
      { key: "n", text: t("ask.no"), run: () => {} },
    ],
  });
}
