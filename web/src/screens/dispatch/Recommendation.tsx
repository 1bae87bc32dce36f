import type { Incident, UnitCandidate, UnitsExcluded, UnitsRecommended } from "@schema";
import { exclusionValues } from "@schema";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { centreStore } from "@/api/centre";
import { clockText, useFormat } from "@/i18n/format";
import { useLabel } from "@/i18n/labels";
import { useEntity } from "@/live/hooks";
import { dispatchRule } from "@/screens/dispatch/ladder";
import styles from "@/screens/dispatch/Recommendation.module.css";
import { PositionAge } from "@/screens/dispatch/UnitRow";
import { Button } from "@/ui/Button";
import { classes } from "@/ui/classes";
import { KeyHint } from "@/ui/KeyHint";
import { PriorityMark } from "@/ui/PriorityMark";

/** More than nine have no key, and hardly anybody wants them: the command line sends them. */
export const SHOWN_MAX = 9;

function Diverted({ from }: { from: number }) {
  const { t } = useTranslation("dispatch");
  const incident = useEntity("incidents", from);
  return (
    <span className={styles.diverts}>
      {t("candidate.diverts", { id: from })}
      {incident ? <PriorityMark priority={incident.priority} /> : null}
    </span>
  );
}

function Why({ candidate, first }: { candidate: UnitCandidate; first: boolean }) {
  const { t } = useTranslation("dispatch");
  const policy = useStore(centreStore, (store) => store.centre?.policy);
  const rule = dispatchRule(policy, candidate.lost_by_rule);
  const words = first
    ? t("rule.first")
    : rule
      ? t(`rule.${rule}`)
      : t("rule.unknown", { rule: candidate.lost_by_rule });
  return <span className={styles.why}>{words}</span>;
}

interface CandidateProps {
  candidate: UnitCandidate;
  index: number;
  best: boolean;
  gone: boolean;
  onSend: () => void;
}

function Candidate({ candidate, index, best, gone, onSend }: CandidateProps) {
  const { t } = useTranslation("dispatch");
  const first = index === 0;
  const unit = candidate.unit_code ?? String(candidate.unit);
  return (
    <li>
      <button
        type="button"
        className={classes(styles.candidate, best && styles.best, gone && styles.gone)}
        onClick={onSend}
      >
        <span className="visually-hidden">{t("candidate.send")}</span>
        <KeyHint keys={String(index + 1)} />
        <span className={styles.unit}>{unit}</span>
        <span className={styles.eta} title={t("candidate.eta")}>
          {candidate.eta_s === null ? "–" : clockText(candidate.eta_s)}
        </span>
        <span className={styles.age}>{candidate.unit === null ? null : <PositionAge unit={candidate.unit} />}</span>
        <span className={styles.more}>
          {gone ? <span className={styles.diverts}>{t("candidate.gone")}</span> : null}
          {candidate.diverts_from === null ? null : <Diverted from={candidate.diverts_from} />}
          <Why candidate={candidate} first={first} />
        </span>
      </button>
    </li>
  );
}

function Excluded({ excluded, asked, fit }: { excluded: UnitsExcluded; asked: number; fit: number }) {
  const { t } = useTranslation("dispatch");
  const label = useLabel();
  const reasons = exclusionValues.filter((reason) => excluded[reason] > 0);
  const format = useFormat();
  return (
    <div className={styles.excluded}>
      <p>{t("excluded.asked", { count: asked, fit })}</p>
      {reasons.length > 0 ? (
        <ul>
          {reasons.map((reason) => (
            <li key={reason}>
              <b>{format.number(excluded[reason])}</b> {label("exclusion", reason)}
            </li>
          ))}
        </ul>
      ) : (
        <p>{t("excluded.nobody")}</p>
      )}
    </div>
  );
}

export interface RecommendationProps {
  incident: Incident;
  recommended: UnitsRecommended;
  /** The first that can still go. */
  best: UnitCandidate | undefined;
  /** Units that cannot go any more. */
  gone: ReadonlySet<number>;
  pending: boolean;
  onSend: (candidate: UnitCandidate) => void;
}

/** Who should go, why the others come after, who was left out and why. */
export function Recommendation({ incident, recommended, best, gone, pending, onSend }: RecommendationProps) {
  const { t } = useTranslation("dispatch");
  const old = recommended.incident_revision !== incident.revision;
  return (
    <section className={styles.section} aria-label={t("recommendation.title")}>
      <div className={styles.bar}>
        <h3>{t("recommendation.title")}</h3>
        {recommended.estimated ? <span className={styles.estimated}>{t("recommendation.estimated")}</span> : null}
        {best ? (
          <Button kind="primary" size="large" hint="Enter" isDisabled={pending || old} onPress={() => onSend(best)}>
            {t("recommendation.accept", { unit: best.unit_code ?? best.unit })}
          </Button>
        ) : null}
      </div>
      {best ? null : <p className={styles.nobody}>{t("recommendation.nobody")}</p>}
      <ol className={styles.candidates}>
        {recommended.candidates.slice(0, SHOWN_MAX).map((candidate, index) => (
          <Candidate
            key={candidate.unit}
            candidate={candidate}
            index={index}
            best={candidate === best}
            gone={gone.has(candidate.unit ?? 0)}
            onSend={() => onSend(candidate)}
          />
        ))}
      </ol>
      <Excluded {...recommended} />
    </section>
  );
}
