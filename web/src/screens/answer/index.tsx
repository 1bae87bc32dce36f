import { useTranslation } from "react-i18next";
import { Panel } from "@/ui/Panel";

export default function AnswerScreen() {
  const { t } = useTranslation("answer");
  return (
    <Panel title={t("title")} padded>
      {t("purpose")}
    </Panel>
  );
}
