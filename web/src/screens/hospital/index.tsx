import { useTranslation } from "react-i18next";
import { Panel } from "@/ui/Panel";

export default function HospitalScreen() {
  const { t } = useTranslation("hospital");
  return (
    <Panel title={t("title")} padded>
      {t("purpose")}
    </Panel>
  );
}
