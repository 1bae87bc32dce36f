import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import styles from "@/screens/admin/config/Config.module.css";
import { textOfValue } from "@/screens/admin/config/groups";
import { useFault } from "@/screens/admin/parts/useFault";
import type { Form } from "@/screens/admin/parts/useForm";
import type { Setting } from "@/screens/admin/types";
import { Badge, Checkbox, classes, Field } from "@/ui";

export interface SettingRowProps {
  setting: Setting;
  text: string;
  form: Form<Record<string, string>>;
  readOnly: boolean;
}

function useOrigin(): (origin: string) => string {
  const { t } = useTranslation("admin");
  return (origin) => {
    if (origin === "default") return t("config.fromDefault");
    if (origin === "environment") return t("config.fromEnvironment");
    if (origin === "changed while running") return t("config.fromChange");
    const [file = origin, line = ""] = (origin.split("/").at(-1) ?? origin).split(":");
    return t("config.fromFile", { file, line });
  };
}

/** One setting: what it is, its value, its range, and where the value comes from. */
export function SettingRow({ setting, text, form, readOnly }: SettingRowProps) {
  const { t } = useTranslation("admin");
  const format = useFormat();
  const fault = useFault();
  const origin = useOrigin();
  const { name, unit } = setting;
  const value = form.values[name] ?? "";
  const fixed = readOnly || !setting.live;
  const range =
    setting.type === "integer"
      ? t("config.range", { low: format.number(setting.minimum ?? 0), high: format.number(setting.maximum ?? 0) })
      : "";
  const standard = setting.type === "flag" ? (setting.default ? t("yes") : t("no")) : textOfValue(setting.default);
  const shown = setting.type === "flag" ? (value === "true" ? t("yes") : t("no")) : value;
  const changed = form.changed.includes(name);
  return (
    <li className={classes(styles.setting, changed && styles.changed)}>
      <div className={styles.words}>
        <p>{text}</p>
        <p className={styles.note}>
          <code>{name}</code>
          <span>{origin(setting.origin)}</span>
          {standard ? <span>{t("config.standard", { value: `${standard}${unit ? ` ${unit}` : ""}` })}</span> : null}
          {setting.live ? null : <Badge>{t("config.atStart")}</Badge>}
        </p>
      </div>
      <div className={styles.value}>
        {fixed ? (
          <p className={styles.fixed}>
            {shown || t("config.empty")} {shown ? unit : ""}
          </p>
        ) : setting.type === "flag" ? (
          <Checkbox isSelected={value === "true"} onChange={(on) => form.set(name, String(on))} aria-label={text}>
            {value === "true" ? t("yes") : t("no")}
          </Checkbox>
        ) : (
          <Field
            label={text}
            labelHidden
            value={value}
            onChange={(fresh) => form.set(name, fresh)}
            onBlur={() => form.touch(name)}
            inputMode={setting.type === "integer" ? "numeric" : "text"}
            error={fault(form.shown[name])}
            help={[range, unit].filter(Boolean).join(" ")}
          />
        )}
        {changed ? <p className={styles.before}>{t("config.before", { value: form.base[name] ?? "" })}</p> : null}
      </div>
    </li>
  );
}
