import { useTranslation } from "react-i18next";
import { Panel } from "@/ui/Panel";

export default function AdminScreen() {
  const { t } = useTranslation("admin");
  return (
    <Panel title={t("title")} padded>
      {t("purpose")}
    </Panel>
  );
}
