import { useTranslation } from "react-i18next";
import styles from "@/screens/admin/parts/Form.module.css";
import type { Form } from "@/screens/admin/parts/useForm";
import { Button } from "@/ui";

export interface ConflictProps<F extends object> {
  form: Form<F>;
  labelOf: (key: keyof F & string) => string;
  textOf: (key: keyof F & string, values: F) => string;
  /** Who changed it, if that is known. */
  who?: string;
}

/** Two people changed the same: both values beside each other, and the choice. */
export function Conflict<F extends object>({ form, labelOf, textOf, who }: ConflictProps<F>) {
  const { t } = useTranslation("admin");
  if (form.conflicts.length === 0) return null;
  return (
    <div className={styles.conflict} role="alert">
      <p>
        <strong>{t("conflict.title")}</strong> {who ? t("conflict.by", { who }) : t("conflict.text")}
      </p>
      <table>
        <thead>
          <tr>
            <th scope="col">{t("conflict.field")}</th>
            <th scope="col">{t("conflict.now")}</th>
            <th scope="col">{t("conflict.mine")}</th>
          </tr>
        </thead>
        <tbody>
          {form.conflicts.map((key) => (
            <tr key={key}>
              <th scope="row">{labelOf(key)}</th>
              <td>{textOf(key, form.base)}</td>
              <td>{textOf(key, form.values)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div className={styles.buttons}>
        <Button onPress={form.reset}>{t("conflict.take")}</Button>
        <Button onPress={form.keepMine}>{t("conflict.keep")}</Button>
      </div>
    </div>
  );
}
