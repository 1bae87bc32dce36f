import { useTranslation } from "react-i18next";
import { Panel } from "@/ui/Panel";

export default function MapScreen() {
  const { t } = useTranslation("map");
  return (
    <Panel title={t("title")} padded>
      {t("purpose")}
    </Panel>
  );
}
