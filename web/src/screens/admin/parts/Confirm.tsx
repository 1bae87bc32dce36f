import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Problem } from "@/api/problem";
import { Refusal } from "@/screens/admin/parts/Refusal";
import { Button, Dialog } from "@/ui";

export interface ConfirmProps {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  onConfirm: () => void;
  confirm: string;
  /** What it does, and what stays on record. */
  children: ReactNode;
  isDisabled?: boolean;
  problem?: Problem | null;
}

/** Something that is not simply undone: asked in plain words, with "no" as the way that Enter takes. */
export function Confirm(props: ConfirmProps) {
  const { title, isOpen, onClose, onConfirm, confirm, children, isDisabled, problem } = props;
  const { t } = useTranslation("admin");
  return (
    <Dialog
      title={title}
      isOpen={isOpen}
      onClose={onClose}
      firm
      actions={
        <>
          <Button onPress={onClose} autoFocus>
            {t("no")}
          </Button>
          <Button kind="danger" onPress={onConfirm} isDisabled={isDisabled}>
            {confirm}
          </Button>
        </>
      }
    >
      {children}
      <Refusal problem={problem ?? null} />
    </Dialog>
  );
}
