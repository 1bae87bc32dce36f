import type { Facility } from "@schema";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { sessionStore } from "@/api/session";
import { useHand } from "@/live/hand";
import { Arrivals } from "@/screens/hospital/Arrivals";
import { BedBoard } from "@/screens/hospital/BedBoard";
import styles from "@/screens/hospital/Hospital.module.css";
import { Status } from "@/screens/hospital/Status";
import { useFacility, useFacilityHand } from "@/screens/hospital/useFacility";
import { useSteps } from "@/screens/hospital/useSteps";
import { Badge, Button, Empty, Select } from "@/ui";

/** In a drill: who plays this hospital, the exercise or the person. */
function DrillHand({ facility }: { facility: Facility }) {
  const { t } = useTranslation("hospital");
  const { holder, take, give } = useFacilityHand(facility.id);
  const name = facility.held_by?.name ?? "";
  return (
    <div className={styles.hand}>
      <span>{holder === "other" ? t("drill.other", { name }) : t(`drill.${holder}`)}</span>
      {holder === "mine" ? (
        <Button size="small" onPress={give}>
          {t("drill.give")}
        </Button>
      ) : holder === "nobody" ? (
        <Button size="small" kind="primary" onPress={take}>
          {t("drill.take")}
        </Button>
      ) : null}
    </div>
  );
}

function Own({ facility }: { facility: Facility }) {
  useHand("facility", facility.id);
  useSteps(facility.id);
  const drill = useStore(sessionStore, (store) => store.drill);
  return drill ? <DrillHand facility={facility} /> : null;
}

/** One hospital: who comes, which beds there are, whether it receives. */
export default function HospitalScreen() {
  const { t } = useTranslation("hospital");
  const { facility, choices, choose, own } = useFacility();
  if (!facility) return <Empty title={t("none")}>{t("noneText")}</Empty>;
  return (
    <div className={styles.screen}>
      <header className={styles.head}>
        <h2 className={styles.name}>{facility.name || facility.code}</h2>
        {facility.district_name ? <span>{facility.district_name}</span> : null}
        {own ? <Own key={facility.id} facility={facility} /> : <Badge tone="accent">{t("readOnly")}</Badge>}
        {choices.length > 1 ? (
          <div className={styles.choice}>
            <Select
              label={t("choose")}
              labelHidden
              choices={choices.map((choice) => ({ value: String(choice.id), text: choice.name }))}
              value={String(facility.id)}
              onChange={(id) => choose(Number(id))}
            />
          </div>
        ) : null}
      </header>
      <Arrivals key={`arrivals.${facility.id}`} facility={facility} own={own} />
      <BedBoard key={`beds.${facility.id}`} facility={facility} own={own} />
      <Status key={`status.${facility.id}`} facility={facility} own={own} />
    </div>
  );
}
