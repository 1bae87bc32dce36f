import type { District, Facility } from "@schema";
import { useTranslation } from "react-i18next";
import { useLabel } from "@/i18n/labels";
import { Registry } from "@/screens/admin/parts/Registry";
import styles from "@/screens/admin/parts/Registry.module.css";
import { useAll } from "@/screens/admin/parts/useAll";
import { FacilityForm } from "@/screens/admin/register/FacilityForm";

const idOf = (facility: Facility) => facility.id;
const textOf = (facility: Facility) => [facility.code, facility.name, facility.district_name].join(" ");

export function Facilities() {
  const { t } = useTranslation("admin");
  const label = useLabel();
  const all = useAll<Facility>("/api/v1/facilities");
  const districts = useAll<District>("/api/v1/districts");
  return (
    <Registry
      title={t("section.facilities")}
      items={all.items}
      idOf={idOf}
      loading={all.loading}
      problem={all.problem ?? districts.problem}
      reload={all.reload}
      grid={styles.four ?? ""}
      head={
        <>
          <span>{t("field.code")}</span>
          <span>{t("field.name")}</span>
          <span>{t("field.district")}</span>
          <span>{t("field.tier")}</span>
        </>
      }
      row={(facility) => (
        <>
          <strong>{facility.code}</strong>
          <span>{facility.name}</span>
          <span>{facility.district_name}</span>
          <span>{label("tier", facility.tier)}</span>
        </>
      )}
      textOf={textOf}
      addText={t("facility.add")}
      empty={t("facility.none")}
      hint={t("facility.hint")}
    >
      {(facility) => <FacilityForm key={facility?.id ?? 0} facility={facility} all={all} districts={districts.items} />}
    </Registry>
  );
}
