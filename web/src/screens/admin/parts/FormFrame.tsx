import { type ReactNode, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Conflict } from "@/screens/admin/parts/Conflict";
import styles from "@/screens/admin/parts/Form.module.css";
import { Leave } from "@/screens/admin/parts/Leave";
import { Refusal } from "@/screens/admin/parts/Refusal";
import type { Form } from "@/screens/admin/parts/useForm";
import type { Saver } from "@/screens/admin/parts/useSaver";
import { useKeys } from "@/shell/keys";
import { Button, classes } from "@/ui";

export interface FormFrameProps<F extends object> {
  form: Form<F>;
  saver: Saver;
  labelOf: (key: keyof F & string) => string;
  textOf: (key: keyof F & string, values: F) => string;
  /** Something that does not exist yet: it can be left without a word as long as nothing is typed. */
  isNew?: boolean;
  /** Who changed it last, told where two people changed the same. */
  who?: string;
  /** A long form: the buttons stay in sight below it. */
  isPinned?: boolean;
  children: ReactNode;
}

/** The fields of a record, what is in the way of saving them, and the buttons. */
export function FormFrame<F extends object>(props: FormFrameProps<F>) {
  const { form, saver, labelOf, textOf, isNew, who, isPinned, children } = props;
  const { t } = useTranslation("admin");
  const box = useRef<HTMLDivElement>(null);
  const blocked = saver.pending || form.conflicts.length > 0;
  const save = async () => {
    if (blocked) return;
    await saver.save();
    // The first field that is not right, if there is one.
    setTimeout(() => box.current?.querySelector<HTMLElement>("[aria-invalid=true], [data-invalid] button")?.focus());
  };
  useKeys(t("keys.form"), [
    { keys: "Ctrl+s", text: t("save"), run: () => void save(), disabled: !form.dirty },
    { keys: "Ctrl+Shift+z", text: t("discard"), run: form.reset, disabled: !form.dirty },
  ]);
  return (
    <div className={styles.frame} ref={box}>
      <Conflict form={form} labelOf={labelOf} textOf={textOf} who={who} />
      <div className={styles.fields}>{children}</div>
      <Refusal problem={saver.problem} />
      <div className={classes(styles.buttons, isPinned && styles.pinned)}>
        <Button kind="primary" hint="Ctrl+s" isDisabled={blocked || !form.dirty} onPress={() => void save()}>
          {isNew ? t("add") : t("save")}
        </Button>
        <Button kind="quiet" isDisabled={!form.dirty || saver.pending} onPress={form.reset}>
          {t("discard")}
        </Button>
        <span className={styles.state} role="status">
          {saver.pending ? t("saving") : form.dirty ? t("unsaved", { count: form.changed.length }) : ""}
        </span>
      </div>
      <Leave dirty={form.dirty} discard={form.reset} />
    </div>
  );
}
