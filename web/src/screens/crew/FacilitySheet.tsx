import type { DestinationRecommended, OverrideReason } from "@schema";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { get } from "@/api/client";
import { useFormat } from "@/i18n/format";
import { useLabel } from "@/i18n/labels";
import { useConnection } from "@/live/hooks";
import { act } from "@/screens/crew/acts";
import { Chips, toggled } from "@/screens/crew/Chips";
import styles from "@/screens/crew/crew.module.css";
import { askForFacility, nearest, PROBLEMS } from "@/screens/crew/facility";
import type { Known } from "@/screens/crew/known";
import { closeSheet } from "@/screens/crew/views";
import { Button } from "@/ui/Button";

const REASONS: readonly OverrideReason[] = ["crew_request", "local_knowledge", "special_equipment", "other"];
const SHOWN_MAX = 12;

interface Row {
  id: number;
  name: string;
  detail: string;
}

/** Travel times of the recommendation; the order itself is in the mission. */
function useTimes(mission: number, recommended: readonly number[]): Map<number, number | null> {
  const [times, setTimes] = useState(new Map<number, number | null>());
  const asked = recommended.join();
  useEffect(() => {
    if (asked === "") return undefined;
    const abort = new AbortController();
    get<DestinationRecommended>(`/api/v1/missions/${mission}/recommendation`, { signal: abort.signal }).then(
      ({ candidates }) => setTimes(new Map(candidates.map((one) => [one.facility ?? 0, one.eta_s]))),
      () => {},
    );
    return () => abort.abort();
  }, [mission, asked]);
  return times;
}

function useRows(known: Known): { rows: Row[]; advised: boolean } {
  const { t } = useTranslation("crew");
  const format = useFormat();
  const label = useLabel();
  const { mission, incident, facilities } = known;
  const recommended = mission?.recommended ?? [];
  const times = useTimes(mission?.id ?? 0, recommended);
  const near = incident ? nearest(facilities, incident.point, incident.needs) : [];
  const rows = near.map(({ facility, distance_m, capable }) => {
    const rank = recommended.indexOf(facility.id);
    const time_s = times.get(facility.id);
    const said = [
      time_s == null ? t("facility.away", { distance: format.distance(distance_m) }) : format.duration(time_s),
      label("tier", facility.tier),
      facility.state === "diverting" ? `⚠ ${label("facility_state", "diverting")}` : "",
      capable ? "" : `⚠ ${t("facility.lacks")}`,
    ];
    return {
      id: facility.id,
      name: facility.name || facility.code,
      detail: said.filter(Boolean).join(" · "),
      rank: rank < 0 ? recommended.length : rank,
    };
  });
  rows.sort((one, other) => one.rank - other.rank);
  return { rows: rows.slice(0, SHOWN_MAX), advised: recommended.length > 0 };
}

function Reasons({ name, onReason }: { name: string; onReason: (reason: OverrideReason) => void }) {
  const { t } = useTranslation("crew");
  return (
    <fieldset className={styles.chips}>
      <legend className={styles.label}>{t("facility.why", { name })}</legend>
      {REASONS.map((reason) => (
        <button key={reason} type="button" className={styles.chip} onClick={() => onReason(reason)}>
          {t(`facility.reason.${reason}`)}
        </button>
      ))}
    </fieldset>
  );
}

/** The facility with one press: the first is what the centre recommends; another one asks why. */
export function FacilitySheet({ known }: { known: Known }) {
  const { t } = useTranslation("crew");
  const label = useLabel();
  const { cut } = useConnection();
  const { rows, advised } = useRows(known);
  const [other, setOther] = useState<Row | null>(null);
  const [needs, setNeeds] = useState(() => (known.incident?.needs ?? []).filter((need) => PROBLEMS.includes(need)));
  const { mission } = known;
  if (!mission) return null;
  const choose = (row: Row, override: OverrideReason) => {
    act("destination_set", { mission: mission.id, facility: row.id, override });
    closeSheet();
  };
  const waits = mission.facility_asked && !advised && !cut;
  return (
    <div className={styles.stack}>
      <p className={styles.note} role="status">
        {t(advised ? "facility.advised" : waits ? "facility.waits" : "facility.byDistance")}
      </p>
      {rows.map((row, place) => (
        <div key={row.id} className={styles.stack}>
          <button
            type="button"
            className={advised && place === 0 ? styles.firstChoice : styles.choice}
            onClick={() => (advised && place > 0 ? setOther(row) : choose(row, "none"))}
          >
            <span className={styles.strong}>
              {advised && place === 0 ? "★ " : ""}
              {row.name}
            </span>
            <span className={styles.detail}>{row.detail}</span>
          </button>
          {other?.id === row.id ? <Reasons name={row.name} onReason={(reason) => choose(row, reason)} /> : null}
        </div>
      ))}
      <Chips
        label={t("facility.needs")}
        choices={PROBLEMS.map((value) => ({ value, text: label("need_set", value) }))}
        chosen={needs}
        onToggle={(need) => setNeeds(toggled(needs, need))}
      />
      <Button size="large" wide onPress={() => askForFacility(known, needs)}>
        {t("facility.ask")}
      </Button>
    </div>
  );
}
