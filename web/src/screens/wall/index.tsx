import { useTranslation } from "react-i18next";
import { Panel } from "@/ui/Panel";

export default function WallScreen() {
  const { t } = useTranslation("wall");
  return (
    <Panel title={t("title")} padded>
      {t("purpose")}
    </Panel>
  );
}
