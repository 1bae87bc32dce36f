import { useTranslation } from "react-i18next";
import { Panel } from "@/ui/Panel";

export default function CrewScreen() {
  const { t } = useTranslation("crew");
  return (
    <Panel title={t("title")} padded>
      {t("purpose")}
    </Panel>
  );
}
