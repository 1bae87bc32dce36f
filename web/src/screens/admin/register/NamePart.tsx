import type { District } from "@schema";
import { useTranslation } from "react-i18next";
import { DistrictField } from "@/screens/admin/parts/DistrictField";
import styles from "@/screens/admin/parts/Form.module.css";
import { TextOf } from "@/screens/admin/parts/TextOf";
import type { Form } from "@/screens/admin/parts/useForm";
import type { NameFields } from "@/screens/admin/register/names";

export interface NamePartProps {
  /** Of the same form, seen as its names alone. */
  form: Form<NameFields>;
  districts: readonly District[];
  isNew: boolean;
}

export function NamePart({ form, districts, isNew }: NamePartProps) {
  const { t } = useTranslation("admin");
  return (
    <>
      <div className={styles.pair}>
        <TextOf form={form} name="code" label={t("field.code")} help={t("field.codeHelp")} />
        <DistrictField
          districts={districts}
          value={form.values.district}
          onChange={(district) => form.set("district", district)}
          none={isNew ? t("field.districtOfPlace") : t("field.noDistrict")}
        />
      </div>
      <TextOf form={form} name="name" label={t("field.name")} />
    </>
  );
}
