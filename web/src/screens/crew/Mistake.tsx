import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { useFormat } from "@/i18n/format";
import styles from "@/screens/crew/crew.module.css";
import { useActText } from "@/screens/crew/KeptBand";
import type { Known } from "@/screens/crew/known";
import { forgetReported, reportedStore, tellMistake } from "@/screens/crew/mistake";
import { Button } from "@/ui/Button";

/** What was reported last, and the way out if it was pressed by mistake. */
export function Mistake({ known }: { known: Known }) {
  const { t } = useTranslation("crew");
  const format = useFormat();
  const what = useActText();
  const last = useStore(reportedStore, (store) => store.last);
  if (!last || last.unit !== known.unit.id || !known.held) return null;
  const words = { what: what(last), time: format.timeSeconds(last.at_ms) };
  return (
    <div className={styles.mistake}>
      <p role="status">{last.told ? `✓ ${t("mistake.told")}` : t("mistake.reported", words)}</p>
      {last.told ? (
        <Button kind="quiet" size="large" onPress={forgetReported}>
          {t("kept.seen")}
        </Button>
      ) : (
        <Button kind="quiet" size="large" onPress={() => tellMistake(t("mistake.message", words))}>
          {t("mistake.press")}
        </Button>
      )}
    </div>
  );
}
