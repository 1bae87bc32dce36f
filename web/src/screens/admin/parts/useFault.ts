import { useTranslation } from "react-i18next";
import type { Fault } from "@/screens/admin/parts/check";

/** A fault in words; undefined for none, as Field wants it. */
export function useFault(): (fault: Fault | undefined) => string | undefined {
  const { t } = useTranslation("admin");
  return (fault) => (fault ? t(`fault.${fault.fault}`, fault.values ?? {}) : undefined);
}
