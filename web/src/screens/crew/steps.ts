import { useTranslation } from "react-i18next";
import type { Known } from "@/screens/crew/known";
import { openSheet, openTab, TABS } from "@/screens/crew/views";
import { useGuide } from "@/shell/guide";
import { useKeys } from "@/shell/keys";

/** For a crew with a keyboard, e.g. a laptop in the vehicle. */
export function useCrewKeys({ mission }: Known): void {
  const { t } = useTranslation("crew");
  const idle = mission === null;
  useKeys(t("title"), [
    ...TABS.map((tab, place) => ({ keys: String(place + 1), text: t(`tabs.${tab}`), run: () => openTab(tab) })),
    { keys: "s", text: t("status.other"), run: () => openSheet("status"), disabled: idle },
    { keys: "f", text: t("facility.which"), run: () => openSheet("facility"), disabled: idle },
    { keys: "m", text: t("help.title"), run: () => openSheet("help"), disabled: idle },
  ]);
}

const ON_THE_WAY = ["departed", "on_scene", "at_patient", "left_scene", "at_facility", "handed_over"];

export function useCrewGuide({ held, unit, mission }: Known): void {
  const { t } = useTranslation("crew");
  const on = mission !== null;
  useGuide(t("guide.title"), [
    { id: "take", text: t("guide.take", { unit: unit.code }), done: held },
    { id: "order", text: t("guide.order"), done: held && on },
    { id: "go", text: t("guide.go"), done: held && on && ON_THE_WAY.includes(mission.state) },
    { id: "there", text: t("guide.there"), done: held && on && ON_THE_WAY.indexOf(mission.state) >= 1 },
    { id: "facility", text: t("guide.facility"), done: held && on && mission.facility !== null },
  ]);
}
