import { useTranslation } from "react-i18next";
import { notify } from "@/shell/notices";
import { PasswordForm } from "@/shell/PasswordForm";
import { Dialog } from "@/ui/Dialog";

export function PasswordDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation("shell");
  const done = async () => {
    notify({ tone: "ok", text: t("password.done") });
    onClose();
  };
  return (
    <Dialog title={t("password.title")} isOpen={isOpen} onClose={onClose}>
      <PasswordForm onDone={done} />
    </Dialog>
  );
}
