import type { Mission } from "@schema";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { NOTHING } from "@/i18n/format";
import { useLabel } from "@/i18n/labels";
import styles from "@/screens/hospital/Arrivals.module.css";

function Sign({ name, children, unit }: { name: string; children: ReactNode; unit?: string }) {
  return (
    <div className={styles.sign}>
      <dt>{name}</dt>
      <dd>
        {children ?? NOTHING}
        {unit && children !== null ? <span className={styles.measure}> {unit}</span> : null}
      </dd>
    </div>
  );
}

/** The patient as the crew has found him. */
export function PatientLine({ mission }: { mission: Mission }) {
  const { t } = useTranslation("hospital");
  const label = useLabel();
  const { patient } = mission;
  if (!patient) return <p className={styles.undescribed}>{t("patient.none")}</p>;
  return (
    <dl className={styles.signs}>
      <Sign name={t("patient.who")}>
        {patient.age_years === null
          ? label("sex", patient.sex)
          : t("patient.ageSex", { n: patient.age_years, sex: label("sex", patient.sex) })}
      </Sign>
      <Sign name={t("patient.consciousness")}>{label("consciousness", patient.consciousness)}</Sign>
      <Sign name={t("patient.pulse")} unit={t("patient.perMinute")}>
        {patient.pulse}
      </Sign>
      <Sign name={t("patient.systolic")} unit="mmHg">
        {patient.systolic}
      </Sign>
      <Sign name={t("patient.spo2")} unit="%">
        {patient.spo2}
      </Sign>
      <Sign name={t("patient.respiration")} unit={t("patient.perMinute")}>
        {patient.respiration}
      </Sign>
    </dl>
  );
}
