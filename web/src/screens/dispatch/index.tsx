import { useTranslation } from "react-i18next";
import { Panel } from "@/ui/Panel";

export default function DispatchScreen() {
  const { t } = useTranslation("dispatch");
  return (
    <Panel title={t("title")} padded>
      {t("purpose")}
    </Panel>
  );
}
