import type { District } from "@schema";
import { useTranslation } from "react-i18next";
import { Select } from "@/ui";

export interface DistrictFieldProps {
  districts: readonly District[];
  /** 0: none, or that of the place. */
  value: number;
  onChange: (id: number) => void;
  /** What 0 means here. */
  none: string;
}

export function DistrictField({ districts, value, onChange, none }: DistrictFieldProps) {
  const { t } = useTranslation("admin");
  const choices = [
    { value: "0", text: none },
    ...districts.map((district) => ({ value: String(district.id), text: district.name || district.code })),
  ];
  return (
    <Select
      label={t("field.district")}
      choices={choices}
      value={String(value)}
      onChange={(text) => onChange(Number(text))}
    />
  );
}
