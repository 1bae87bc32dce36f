import { type Consciousness, consciousnessValues, type NeedSetLabel, type Sex, sexValues } from "@schema";
import { useTranslation } from "react-i18next";
import { useLabel } from "@/i18n/labels";
import { act } from "@/screens/crew/acts";
import { Chips, toggled } from "@/screens/crew/Chips";
import styles from "@/screens/crew/crew.module.css";
import { PROBLEMS } from "@/screens/crew/facility";
import type { Known } from "@/screens/crew/known";
import { Stepper } from "@/screens/crew/Stepper";
import { useDraft } from "@/shell/drafts";
import { notify } from "@/shell/notices";
import { Button } from "@/ui/Button";
import { Empty } from "@/ui/Empty";
import { Stale } from "@/ui/Stale";

interface Basics {
  main_problem: NeedSetLabel[];
  age: number | null;
  sex: Sex;
  consciousness: Consciousness;
  pulse: number | null;
  systolic: number | null;
  spo2: number | null;
  respiration: number | null;
}

const BLANK: Basics = {
  main_problem: [],
  age: null,
  sex: "unknown",
  consciousness: "unknown",
  pulse: null,
  systolic: null,
  spo2: null,
  respiration: null,
};
const AGE_UNKNOWN = 255;
const OLD_S = 15 * 60;
/** Who is with the patient may describe him, and on the way too. */
const WITH_PATIENT = ["on_scene", "at_patient", "left_scene", "at_facility"];

function describe(mission: number, basics: Basics): void {
  act("patient_describe", {
    mission,
    main_problem: basics.main_problem,
    age_years: basics.age ?? AGE_UNKNOWN,
    sex: basics.sex,
    consciousness: basics.consciousness,
    pulse: basics.pulse ?? 0,
    systolic: basics.systolic ?? 0,
    spo2: basics.spo2 ?? 0,
    respiration: basics.respiration ?? 0,
  });
}

function Figures({ basics, set }: { basics: Basics; set: (change: Partial<Basics>) => void }) {
  const { t } = useTranslation("crew");
  return (
    <>
      <Stepper
        label={t("patient.age")}
        unit={t("patient.years")}
        value={basics.age}
        onChange={(age) => set({ age })}
        min={0}
        max={130}
        step={5}
        start={50}
      />
      <Stepper
        label={t("patient.pulse")}
        unit={t("patient.perMinute")}
        value={basics.pulse}
        onChange={(pulse) => set({ pulse })}
        min={1}
        max={300}
        step={5}
        start={80}
      />
      <Stepper
        label={t("patient.systolic")}
        unit="mmHg"
        value={basics.systolic}
        onChange={(systolic) => set({ systolic })}
        min={1}
        max={300}
        step={5}
        start={120}
      />
      <Stepper
        label={t("patient.spo2")}
        unit="%"
        value={basics.spo2}
        onChange={(spo2) => set({ spo2 })}
        min={1}
        max={100}
        step={1}
        start={96}
      />
      <Stepper
        label={t("patient.respiration")}
        unit={t("patient.perMinute")}
        value={basics.respiration}
        onChange={(respiration) => set({ respiration })}
        min={1}
        max={100}
        step={2}
        start={16}
      />
    </>
  );
}

function Form({ mission, describedAt }: { mission: number; describedAt: string | null }) {
  const { t } = useTranslation("crew");
  const label = useLabel();
  const [basics, setBasics] = useDraft(`mission.${mission}.patient`, BLANK);
  const set = (change: Partial<Basics>) => setBasics({ ...basics, ...change });
  const send = () => {
    describe(mission, basics);
    notify({ tone: "ok", text: t("patient.sent") });
  };
  return (
    <div className={styles.stack}>
      <Chips
        label={t("patient.consciousness")}
        choices={consciousnessValues.slice(1).map((value) => ({ value, text: label("consciousness", value) }))}
        chosen={[basics.consciousness]}
        onToggle={(value) => set({ consciousness: value === basics.consciousness ? "unknown" : value })}
      />
      <Chips
        label={t("patient.problem")}
        choices={PROBLEMS.map((value) => ({ value, text: label("need_set", value) }))}
        chosen={basics.main_problem}
        onToggle={(value) => set({ main_problem: toggled(basics.main_problem, value) })}
      />
      <Chips
        label={t("patient.sex")}
        choices={sexValues.slice(1).map((value) => ({ value, text: label("sex", value) }))}
        chosen={[basics.sex]}
        onToggle={(value) => set({ sex: value === basics.sex ? "unknown" : value })}
      />
      <Figures basics={basics} set={set} />
      <Button kind="primary" size="large" wide onPress={send}>
        {t(describedAt ? "patient.sendAgain" : "patient.send")}
      </Button>
      <p className={styles.note}>
        {describedAt ? t("patient.described") : t("patient.note")}{" "}
        {describedAt ? <Stale at={describedAt} limit_s={OLD_S} /> : null}
      </p>
    </div>
  );
}

export function PatientView({ known }: { known: Known }) {
  const { t } = useTranslation("crew");
  const { mission } = known;
  if (!mission || !WITH_PATIENT.includes(mission.state))
    return <Empty title={t("patient.none")}>{t("patient.noneText")}</Empty>;
  return <Form key={mission.id} mission={mission.id} describedAt={mission.patient?.described_at ?? null} />;
}
