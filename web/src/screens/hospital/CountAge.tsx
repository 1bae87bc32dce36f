import type { BedKind, Facility } from "@schema";
import { useTranslation } from "react-i18next";
import { Stale } from "@/ui";

/** The centre's own limit raises an alarm; a person is told earlier. */
const COUNT_OLD_S = 4 * 3600;

/** How old a count is, and whose it is as far as nothing else has changed since. */
export function CountAge({ facility, kind }: { facility: Facility; kind?: BedKind }) {
  const { t } = useTranslation("hospital");
  const counted = facility.beds
    .filter((beds) => kind === undefined || beds.kind === kind)
    .map((beds) => beds.counted_at)
    .filter((at) => at !== null)
    .sort();
  const oldest = counted[0];
  if (oldest === undefined) return <span>{t("beds.never")}</span>;
  const { last_change: last } = facility;
  return (
    <span>
      <Stale at={oldest} limit_s={facility.alarm === null ? COUNT_OLD_S : 0} />
      {last?.at === oldest && last.name ? ` · ${last.name}` : null}
    </span>
  );
}
