import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { useLabel } from "@/i18n/labels";
import { Arrival } from "@/screens/crew/Arrival";
import { CallerWords } from "@/screens/crew/CallerWords";
import styles from "@/screens/crew/crew.module.css";
import { askForFacility } from "@/screens/crew/facility";
import type { CrewIncident, Known, Ways } from "@/screens/crew/known";
import { openSheet, openTab } from "@/screens/crew/views";
import { Badge } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { Elapsed } from "@/ui/Elapsed";
import { Empty } from "@/ui/Empty";
import { PriorityMark } from "@/ui/PriorityMark";

function Place({ incident, ways }: { incident: CrewIncident; ways: Ways | null }) {
  const { t } = useTranslation("crew");
  const place = ways?.place;
  const { lon, lat } = incident.point;
  return (
    <div>
      <h2 className={styles.place}>{place?.road ?? place?.place ?? `${lat.toFixed(5)}, ${lon.toFixed(5)}`}</h2>
      <p className={styles.near}>
        {place?.cross ? <span>{t("order.cross", { road: place.cross })}</span> : null}
        {place?.place && place.road ? <span>{t("order.near", { place: place.place })}</span> : null}
        {incident.district_name ? <span>{incident.district_name}</span> : null}
      </p>
    </div>
  );
}

function Happened({ incident }: { incident: CrewIncident }) {
  const { t } = useTranslation("crew");
  const label = useLabel();
  const units = incident.units_wanted;
  return (
    <ul className={styles.badges} aria-label={t("order.happened")}>
      {incident.marks.map((mark) => (
        <li key={mark}>
          <Badge tone={mark === "scene_unsafe" ? "bad" : "warn"}>{label("triage_mark", mark)}</Badge>
        </li>
      ))}
      {incident.needs.map((need) => (
        <li key={need}>
          <Badge>{label("need_set", need)}</Badge>
        </li>
      ))}
      {units > 1 ? (
        <li>
          <Badge tone="accent">{t("order.units", { count: units })}</Badge>
        </li>
      ) : null}
    </ul>
  );
}

const WITH_PATIENT = ["on_scene", "at_patient", "left_scene"];

function Destination({ known }: { known: Known }) {
  const { t } = useTranslation("crew");
  const { mission } = known;
  if (!mission || (mission.facility === null && !WITH_PATIENT.includes(mission.state))) return null;
  const choose = () => {
    askForFacility(known);
    openSheet("facility");
  };
  return (
    <section className={styles.destination} aria-label={t("facility.title")}>
      <div>
        <p className={styles.label}>{t("facility.title")}</p>
        <p className={styles.strong}>{mission.facility === null ? t("facility.none") : mission.facility_name}</p>
        {mission.facility === null ? null : (
          <p className={styles.note}>
            {mission.prealert_acknowledged_at ? `✓ ${t("facility.knows")}` : t("facility.told")}
          </p>
        )}
      </div>
      {WITH_PATIENT.includes(mission.state) ? (
        <Button size="large" onPress={choose}>
          {t(mission.facility === null ? "facility.choose" : "facility.change")}
        </Button>
      ) : null}
    </section>
  );
}

/** Nothing to do: what this means, and what can be done. */
function Idle({ known }: { known: Known }) {
  const { t } = useTranslation("crew");
  const label = useLabel();
  const { unit } = known;
  return (
    <Empty
      title={label("unit_state", unit.state)}
      action={
        <Button size="large" onPress={() => openTab("unit")}>
          {t("tabs.unit")}
        </Button>
      }
    >
      {t(`idle.${unit.state === "on_mission" ? "at_post" : unit.state}`, { post: unit.post_name ?? "" })}
    </Empty>
  );
}

export function OrderView({ known, ways, live }: { known: Known; ways: Ways | null; live: boolean }) {
  const { t } = useTranslation("crew");
  const format = useFormat();
  const { mission, incident } = known;
  if (!mission || !incident) return <Idle known={known} />;
  return (
    <div className={styles.stack}>
      <div className={styles.head}>
        <PriorityMark priority={incident.priority} large />
        <span className={styles.since}>
          <span className={styles.note}>{t("order.since", { time: format.time(incident.offered_at) })}</span>
          <Elapsed since={incident.offered_at} />
        </span>
      </div>
      <Place incident={incident} ways={ways} />
      <Happened incident={incident} />
      <Arrival known={known} ways={ways} />
      <Destination known={known} />
      <div className={styles.pair}>
        <Button size="large" onPress={() => openTab("way")}>
          {t("tabs.way")}
        </Button>
        <Button size="large" onPress={() => openSheet("help")}>
          {t("help.title")}
        </Button>
      </div>
      <CallerWords key={incident.call} call={incident.call} live={live} />
    </div>
  );
}
