import type { Patient } from "@schema";
import { useTranslation } from "react-i18next";
import { useLabel } from "@/i18n/labels";

/** The patient as the crew found him, what is known of it. */
export function PatientLine({ patient }: { patient: Patient | null }) {
  const { t } = useTranslation("dispatch");
  const label = useLabel();
  if (!patient) return null;
  const known = [
    patient.sex === "unknown" ? null : label("sex", patient.sex),
    patient.age_years === null ? null : t("patient.age", { years: patient.age_years }),
    patient.consciousness === "unknown" ? null : label("consciousness", patient.consciousness),
    patient.main_problem.map((need) => label("need_set", need)).join(", ") || null,
    patient.pulse === null ? null : t("patient.pulse", { pulse: patient.pulse }),
    patient.systolic === null ? null : t("patient.systolic", { systolic: patient.systolic }),
    patient.spo2 === null ? null : t("patient.spo2", { spo2: patient.spo2 }),
  ];
  return <span>{known.filter(Boolean).join(" · ")}</span>;
}
