import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { useLabel } from "@/i18n/labels";
import { useEntity, useNow } from "@/live/hooks";
import { positionOf } from "@/live/positions";
import { OLD_FROM_S } from "@/map/scene";
import styles from "@/screens/map/Cards.module.css";
import type { CardProps } from "@/screens/map/SelectionPanel";
import { Badge } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { Elapsed } from "@/ui/Elapsed";
import { StateMark } from "@/ui/StateMark";

function PositionAge({ id }: { id: number }) {
  const { t } = useTranslation("map");
  const format = useFormat();
  const now = useNow();
  const unit = useEntity("units", id);
  const told = positionOf(id)?.at_ms ?? (unit?.position?.at ? Date.parse(unit.position.at) : null);
  if (told === null) return <Badge tone="warn">{t("cards.noPosition")}</Badge>;
  const age_s = Math.max(0, (now - told) / 1000);
  const text = t("cards.positionAge", { age: format.duration(age_s) });
  return age_s >= OLD_FROM_S ? <Badge tone="warn">{text}</Badge> : <span>{text}</span>;
}

export function UnitCard({ id, select, following, follow }: CardProps & { following: boolean; follow: () => void }) {
  const { t } = useTranslation("map");
  const label = useLabel();
  const unit = useEntity("units", id);
  const mission = useEntity("missions", unit?.mission);
  if (!unit) return <p className={styles.gone}>{t("cards.gone")}</p>;
  return (
    <>
      <header className={styles.head}>
        <h2>{unit.code}</h2>
        {unit.name === unit.code ? null : <span className={styles.quiet}>{unit.name}</span>}
      </header>
      <div className={styles.row}>
        <StateMark kind="unit_state" state={unit.state} />
        <Elapsed since={unit.changed_at} />
      </div>
      <dl className={styles.facts}>
        {unit.post_name ? (
          <>
            <dt>{t("cards.post")}</dt>
            <dd>{unit.post_name}</dd>
          </>
        ) : null}
        {unit.skills.length > 0 ? (
          <>
            <dt>{t("cards.skills")}</dt>
            <dd>{unit.skills.map((skill) => label("need_set", skill)).join(", ")}</dd>
          </>
        ) : null}
        <dt>{t("cards.position")}</dt>
        <dd>
          <PositionAge id={id} />
        </dd>
      </dl>
      {mission ? (
        <div className={styles.row}>
          <StateMark kind="mission_state" state={mission.state} />
          {mission.expected_at ? (
            <span>
              {t("cards.arrives")} <Elapsed since={mission.expected_at} down />
            </span>
          ) : null}
        </div>
      ) : null}
      <div className={styles.tools}>
        <Button size="small" kind={following ? "primary" : "normal"} hint="f" aria-pressed={following} onPress={follow}>
          {following ? t("cards.following") : t("cards.follow")}
        </Button>
        {unit.incident === null ? null : (
          <Button size="small" onPress={() => select({ kind: "incident", id: unit.incident ?? 0 })}>
            {t("cards.toIncident")}
          </Button>
        )}
      </div>
    </>
  );
}
