import { useTranslation } from "react-i18next";
import { FactorForm } from "@/shell/FactorForm";
import { notify } from "@/shell/notices";
import { Dialog } from "@/ui/Dialog";

export function FactorDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation("shell");
  const done = async () => {
    notify({ tone: "ok", text: t("factor.done") });
    onClose();
  };
  return (
    <Dialog title={t("factor.title")} isOpen={isOpen} onClose={onClose}>
      <FactorForm onDone={done} />
    </Dialog>
  );
}
