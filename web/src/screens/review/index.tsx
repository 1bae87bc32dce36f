import { useTranslation } from "react-i18next";
import { Panel } from "@/ui/Panel";

export default function ReviewScreen() {
  const { t } = useTranslation("review");
  return (
    <Panel title={t("title")} padded>
      {t("purpose")}
    </Panel>
  );
}
