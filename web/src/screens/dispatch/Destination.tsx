import type { DestinationRecommended, FacilityCandidateView, Mission } from "@schema";
import { facilityExclusionValues } from "@schema";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { centreStore } from "@/api/centre";
import { clockText, useFormat } from "@/i18n/format";
import { useLabel } from "@/i18n/labels";
import { useEntity } from "@/live/hooks";
import { destinationRule } from "@/screens/dispatch/ladder";
import type { Perform } from "@/screens/dispatch/perform";
import styles from "@/screens/dispatch/Recommendation.module.css";
import { useDestinationRecommended } from "@/screens/dispatch/recommendation";
import { dispatchStore } from "@/screens/dispatch/store";
import { useKeys } from "@/shell/keys";
import { Button } from "@/ui/Button";
import { classes } from "@/ui/classes";
import { KeyHint } from "@/ui/KeyHint";
import { Stale } from "@/ui/Stale";
import { StateMark } from "@/ui/StateMark";

const SHOWN_MAX = 9;
const BEDS_OLD_S = 3600;

function Beds({ id, mission }: { id: number; mission: Mission }) {
  const { t } = useTranslation("dispatch");
  const facility = useEntity("facilities", id);
  const beds = facility?.beds.find((one) => one.kind === mission.bed_kind);
  if (!facility) return null;
  return (
    <>
      {facility.state === "open" ? null : <StateMark kind="facility_state" state={facility.state} />}
      {beds ? (
        <span>
          {t("destination.beds", { count: beds.available })} <Stale at={beds.counted_at} limit_s={BEDS_OLD_S} />
        </span>
      ) : (
        <span>{t("destination.noBeds")}</span>
      )}
    </>
  );
}

interface PlaceProps {
  candidate: FacilityCandidateView;
  index: number;
  mission: Mission;
  keyed: boolean;
  onChoose: () => void;
}

function Place({ candidate, index, mission, keyed, onChoose }: PlaceProps) {
  const { t } = useTranslation("dispatch");
  const policy = useStore(centreStore, (store) => store.centre?.policy);
  const rule = destinationRule(policy, candidate.lost_by_rule);
  const name = candidate.facility_name || candidate.facility_code || String(candidate.facility);
  const why = index === 0 ? t("rule.first") : rule ? t(`destinationRule.${rule}`) : "";
  return (
    <li>
      <button
        type="button"
        className={classes(styles.candidate, styles.facility, index === 0 && styles.best)}
        onClick={onChoose}
      >
        <span className="visually-hidden">{t("destination.choose")}</span>
        {keyed ? <KeyHint keys={String(index + 1)} /> : <span>{index + 1}</span>}
        <span className={styles.unit}>{name}</span>
        <span className={styles.eta}>{candidate.eta_s === null ? "–" : clockText(candidate.eta_s)}</span>
        <span className={styles.more}>
          {candidate.facility === null ? null : <Beds id={candidate.facility} mission={mission} />}
          <span className={styles.why}>{why}</span>
        </span>
      </button>
    </li>
  );
}

function LeftOut({ recommended }: { recommended: DestinationRecommended }) {
  const { t } = useTranslation("dispatch");
  const label = useLabel();
  const format = useFormat();
  const reasons = facilityExclusionValues.filter((reason) => recommended.excluded[reason] > 0);
  if (reasons.length === 0) return null;
  return (
    <div className={styles.excluded}>
      <p>{t("destination.leftOut")}</p>
      <ul>
        {reasons.map((reason) => (
          <li key={reason}>
            <b>{format.number(recommended.excluded[reason])}</b> {label("facility_exclusion", reason)}
          </li>
        ))}
      </ul>
    </div>
  );
}

export interface DestinationProps {
  mission: Mission;
  /** Digits choose here: no recommendation of units stands. */
  keyed: boolean;
  perform: Perform;
}

/** Where the patient should go, and why. */
export function Destination({ mission, keyed, perform }: DestinationProps) {
  const { t } = useTranslation("dispatch");
  const pending = useStore(dispatchStore, (store) => store.pending);
  const { value } = useDestinationRecommended(mission);
  const candidates = value?.candidates ?? [];
  const choose = (candidate: FacilityCandidateView | undefined) => {
    if (!candidate?.facility) return;
    const asks = candidate !== candidates[0];
    void perform({ what: "destination", mission: mission.id, facility: candidate.facility, asks });
  };
  const [first] = candidates;
  useKeys(t("keys.destination"), [
    { keys: "d", text: t("keys.acceptDestination"), run: () => choose(first), disabled: !first },
    { keys: "Enter", text: t("keys.acceptDestination"), run: () => choose(first), disabled: !first || !keyed },
    ...Array.from({ length: SHOWN_MAX }, (_, index) => ({
      keys: String(index + 1),
      text: t("keys.destinationNumber", { number: index + 1 }),
      run: () => choose(candidates[index]),
      disabled: !keyed || candidates[index] === undefined,
    })),
  ]);
  if (!value || !first) return null;
  return (
    <section className={styles.section} aria-label={t("destination.title", { unit: mission.unit_code })}>
      <div className={styles.bar}>
        <h3>{t("destination.title", { unit: mission.unit_code })}</h3>
        {value.estimated ? <span className={styles.estimated}>{t("recommendation.estimated")}</span> : null}
        <Button kind="primary" hint="d" isDisabled={pending} onPress={() => choose(first)}>
          {t("destination.accept", { name: first.facility_name || first.facility_code || first.facility })}
        </Button>
      </div>
      <ol className={styles.candidates}>
        {candidates.slice(0, SHOWN_MAX).map((candidate, index) => (
          <Place
            key={candidate.facility}
            candidate={candidate}
            index={index}
            mission={mission}
            keyed={keyed}
            onChoose={() => choose(candidate)}
          />
        ))}
      </ol>
      <LeftOut recommended={value} />
    </section>
  );
}
