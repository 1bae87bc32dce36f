import type { Coverage as CoverageTold, District } from "@schema";
import { useTranslation } from "react-i18next";
import { NOTHING, useFormat } from "@/i18n/format";
import { firstOf } from "@/screens/wall/figures";
import styles from "@/screens/wall/Lines.module.css";
import { Age, Pane } from "@/screens/wall/Pane";
import type { Polled } from "@/screens/wall/usePolled";
import wall from "@/screens/wall/Wall.module.css";
import { classes } from "@/ui";

const SHOWN_MAX = 5;
const OLD_S = 600;
/** Below this a district counts as thin; the figure itself stands beside it. */
const THIN = 0.5;

function isThin(share: number | null): boolean {
  return share !== null && share < THIN;
}

/** How much of the city the units that can be sent now reach within 8 minutes. */
export function Coverage({ coverage, districts }: { coverage: Polled<CoverageTold>; districts: readonly District[] }) {
  const { t } = useTranslation("wall");
  const format = useFormat();
  const { data } = coverage;
  const lines = data?.districts ?? [];
  const sorted =
    lines.length > SHOWN_MAX ? [...lines].sort((one, other) => (one.share ?? 2) - (other.share ?? 2)) : lines;
  const { shown, more } = firstOf(sorted, SHOWN_MAX);
  const signed = (share: number | null) =>
    share === null ? NOTHING : `${isThin(share) ? "! " : ""}${format.percent(share)}`;
  return (
    <Pane area="coverage" title={t("coverage.title")} aside={<Age {...coverage} limit_s={OLD_S} />}>
      {data ? (
        <p className={styles.headline}>
          <strong className={classes(styles.share, isThin(data.share) && wall.bad)}>{signed(data.share)}</strong>
          <span className={styles.note}>{t("coverage.units", { count: data.units })}</span>
        </p>
      ) : null}
      <dl className={styles.shares}>
        {shown.map((line) => (
          <div key={line.district} className={styles.row}>
            <dt className={styles.district}>
              {districts.find((one) => one.id === line.district)?.name ?? line.district}
            </dt>
            <dd className={styles.track} aria-hidden="true" data-thin={isThin(line.share)}>
              <span style={{ width: `${(line.share ?? 0) * 100}%` }} />
            </dd>
            <dd className={classes(styles.reached, isThin(line.share) && wall.bad)}>{signed(line.share)}</dd>
          </div>
        ))}
      </dl>
      {more > 0 ? <p className={wall.quiet}>{t("coverage.more", { count: more })}</p> : null}
    </Pane>
  );
}
