import { useTranslation } from "react-i18next";
import { formText } from "@/lib/form";
import { Badge } from "@/ui";

/** Worked on paper while the server was gone, and entered afterwards: a sign and a word. */
export function PaperMark({ form }: { form: number }) {
  const { t } = useTranslation("review");
  return (
    <span title={t("afterwards.form", { form: formText(form) })}>
      <Badge>
        <span aria-hidden="true">▤</span> {t("afterwards.mark")}
      </Badge>
    </span>
  );
}
