import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import styles from "@/screens/paper/Paper.module.css";
import type { OutageTyped } from "@/screens/paper/useOutage";
import { Field } from "@/ui";
import { DateField } from "@/ui/DateField";

/** Said once for the whole pile. */
export function OutageBar({ outage }: { outage: OutageTyped }) {
  const { t } = useTranslation("paper");
  const format = useFormat();
  const { typed, set, fault, runFault } = outage;
  return (
    <section className={styles.outage} aria-label={t("outage.title")}>
      <DateField
        label={t("outage.begun")}
        withTime
        value={typed.begun}
        onChange={(begun) => set(typed.ended === "" ? { begun, ended: begun } : { begun })}
      />
      <DateField
        label={t("outage.ended")}
        withTime
        value={typed.ended}
        onChange={(ended) => set({ ended })}
        error={fault ? t(`outage.${fault}`) : undefined}
      />
      <Field
        label={t("outage.run")}
        value={typed.run}
        onChange={(run) => set({ run })}
        placeholder="261122-407"
        maxLength={12}
        autoComplete="off"
        inputMode="numeric"
        error={runFault ? t("outage.runWrong") : undefined}
      />
      <p className={styles.about}>
        {outage.outage
          ? t("outage.about", {
              duration: format.duration((outage.outage.ended_ms - outage.outage.begun_ms) / 1000),
            })
          : t("outage.help")}
      </p>
    </section>
  );
}
