import { useTranslation } from "react-i18next";
import { countKeptForms } from "@/shell/keptForms";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";

export interface KeptFormsDialogProps {
  isOpen: boolean;
  onClose: () => void;
  onLeave: () => void;
}

/** Whoever signs out loses the paper forms that the centre does not have: asked before, with "no" as the way that Enter takes. */
export function KeptFormsDialog({ isOpen, onClose, onLeave }: KeptFormsDialogProps) {
  const { t } = useTranslation("shell");
  return (
    <Dialog
      title={t("forms.title")}
      isOpen={isOpen}
      onClose={onClose}
      firm
      actions={
        <>
          <Button onPress={onClose} autoFocus>
            {t("forms.stay")}
          </Button>
          <Button kind="danger" onPress={onLeave}>
            {t("forms.leave")}
          </Button>
        </>
      }
    >
      <p>{t("forms.text", { count: countKeptForms() })}</p>
    </Dialog>
  );
}
