import type { Facility } from "@schema";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { useLabel } from "@/i18n/labels";
import { CountAge } from "@/screens/hospital/CountAge";
import styles from "@/screens/hospital/Status.module.css";
import { Badge } from "@/ui";

/** What dispatchers have before them when they choose a hospital. */
export function CentreView({ facility }: { facility: Facility }) {
  const { t } = useTranslation("hospital");
  const label = useLabel();
  const format = useFormat();
  const { last_change: last } = facility;
  const emergency = facility.beds.find((beds) => beds.kind === "emergency");
  const sends = facility.state === "open" && (!emergency || emergency.available > 0);
  const reason =
    facility.state === "shut" ? "shut" : facility.state === "diverting" ? "diverting" : sends ? "open" : "full";
  return (
    <section className={styles.seen} aria-label={t("centre.title")}>
      <h3>{t("centre.title")}</h3>
      <p>{t(`centre.${reason}`)}</p>
      <dl>
        <dt>{t("centre.level")}</dt>
        <dd>
          {label("tier", facility.tier)}{" "}
          {facility.capabilities.map((need) => (
            <Badge key={need}>{label("need_set", need)}</Badge>
          ))}
        </dd>
        <dt>{t("centre.beds")}</dt>
        <dd>
          {facility.beds.length === 0
            ? t("centre.noBeds")
            : facility.beds.map((beds) => (
                <span key={beds.kind} className={styles.free}>
                  {label("bed_kind", beds.kind)} <strong>{beds.available}</strong>
                </span>
              ))}
        </dd>
        <dt>{t("centre.age")}</dt>
        <dd>
          <CountAge facility={facility} />
        </dd>
        <dt>{t("centre.last")}</dt>
        <dd>
          {last
            ? t("centre.by", { name: last.name || label("actor_kind", last.actor_kind), time: format.time(last.at) })
            : null}
        </dd>
      </dl>
    </section>
  );
}
