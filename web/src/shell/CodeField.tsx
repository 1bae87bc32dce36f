import { useTranslation } from "react-i18next";
import { Field } from "@/ui/Field";

/** The one-time code at sign-in. */
export function CodeField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const { t } = useTranslation("shell");
  return (
    <Field
      label={t("signIn.totp")}
      help={t("signIn.totpHelp")}
      autoComplete="one-time-code"
      inputMode="numeric"
      autoFocus
      value={value}
      onChange={onChange}
      large
    />
  );
}
