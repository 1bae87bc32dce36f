import type { District, Post, Unit } from "@schema";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLabel } from "@/i18n/labels";
import { Registry } from "@/screens/admin/parts/Registry";
import styles from "@/screens/admin/parts/Registry.module.css";
import { useAll } from "@/screens/admin/parts/useAll";
import { UnitForm } from "@/screens/admin/register/UnitForm";
import { Checkbox } from "@/ui";

const idOf = (unit: Unit) => unit.id;
const textOf = (unit: Unit) => [unit.code, unit.name, unit.post_name, unit.district_name].join(" ");

export function Units() {
  const { t } = useTranslation("admin");
  const label = useLabel();
  const [retired, setRetired] = useState(false);
  const all = useAll<Unit>("/api/v1/units?retired=true");
  const posts = useAll<Post>("/api/v1/posts");
  const districts = useAll<District>("/api/v1/districts");
  const items = useMemo(() => all.items.filter((unit) => retired || !unit.retired), [all.items, retired]);
  return (
    <Registry
      title={t("section.units")}
      items={items}
      idOf={idOf}
      loading={all.loading}
      problem={all.problem ?? posts.problem ?? districts.problem}
      reload={all.reload}
      grid={styles.four ?? ""}
      head={
        <>
          <span>{t("field.code")}</span>
          <span>{t("field.name")}</span>
          <span>{t("field.post")}</span>
          <span>{t("field.state")}</span>
        </>
      }
      row={(unit) => (
        <>
          <strong>{unit.code}</strong>
          <span>{unit.name}</span>
          <span>{unit.post_name || unit.post_code}</span>
          <span>{unit.retired ? t("unit.retired") : label("unit_state", unit.state)}</span>
        </>
      )}
      textOf={textOf}
      addText={t("unit.add")}
      tools={
        <Checkbox isSelected={retired} onChange={setRetired}>
          {t("unit.showRetired")}
        </Checkbox>
      }
      empty={t("unit.none")}
      hint={t("unit.hint")}
    >
      {(unit) => <UnitForm key={unit?.id ?? 0} unit={unit} all={all} posts={posts.items} districts={districts.items} />}
    </Registry>
  );
}
