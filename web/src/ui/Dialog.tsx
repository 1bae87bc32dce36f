import type { ReactNode } from "react";
import { Dialog as AriaDialog } from "react-aria-components/Dialog";
import { Heading } from "react-aria-components/Heading";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { useTranslation } from "react-i18next";
import { Button } from "@/ui/Button";
import { classes } from "@/ui/classes";
import styles from "@/ui/Dialog.module.css";

export interface DialogProps {
  title: ReactNode;
  isOpen: boolean;
  /** Esc, the cross, or a click beside it. */
  onClose: () => void;
  children: ReactNode;
  /** The buttons, primary last. */
  actions?: ReactNode;
  wide?: boolean;
  /** Something that must be answered: no cross, and a click beside it does nothing. */
  firm?: boolean;
}

export function Dialog({ title, isOpen, onClose, children, actions, wide, firm }: DialogProps) {
  const { t } = useTranslation("ui");
  return (
    <ModalOverlay
      className={styles.veil}
      data-modal=""
      isOpen={isOpen}
      onOpenChange={(open) => !open && onClose()}
      isDismissable={!firm}
      isKeyboardDismissDisabled={firm}
    >
      <Modal className={classes(styles.modal, wide && styles.wide)}>
        <AriaDialog className={styles.dialog} role={firm ? "alertdialog" : "dialog"}>
          <div className={styles.head}>
            <Heading slot="title" className={styles.title}>
              {title}
            </Heading>
            {firm ? null : (
              <Button kind="quiet" icon onPress={onClose} aria-label={t("close")}>
                ✕
              </Button>
            )}
          </div>
          <div className={styles.body}>{children}</div>
          {actions ? <div className={styles.foot}>{actions}</div> : null}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
