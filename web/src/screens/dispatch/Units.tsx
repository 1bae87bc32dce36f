import type { Unit } from "@schema";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useIds } from "@/live/hooks";
import { entityOf } from "@/live/state";
import { Chips } from "@/screens/dispatch/Chips";
import { beginLine } from "@/screens/dispatch/store";
import { UnitCard } from "@/screens/dispatch/UnitCard";
import { UnitRow } from "@/screens/dispatch/UnitRow";
import styles from "@/screens/dispatch/Units.module.css";
import { byState, UNIT_FILTERS, type UnitFilter, unitPasses } from "@/screens/dispatch/units";
import { useQueryId } from "@/shell/router";
import { Empty } from "@/ui/Empty";
import { VirtualList } from "@/ui/VirtualList";

const ROW_HEIGHT = 46;

/** Units by status and place; the chosen one can be sent, moved, written to. */
export function Units({ incident, onIncident }: { incident: number | null; onIncident: (id: number) => void }) {
  const { t } = useTranslation("dispatch");
  const [filter, setFilter] = useState<UnitFilter>("duty");
  const [unit, choose] = useQueryId("unit");
  const selection = useMemo(() => ({ where: (one: Unit) => unitPasses(one, filter), order: byState }), [filter]);
  const ids = useIds("units", selection);
  const begin = (id: number) => {
    const code = entityOf("units", id)?.code;
    if (code) beginLine(incident === null ? `msg ${code} ` : `send ${code} to ${incident}`);
  };
  return (
    <div className={styles.units}>
      <Chips
        label={t("unit.filters")}
        values={UNIT_FILTERS}
        chosen={filter}
        text={(one) => t(`unitFilter.${one}`)}
        onChoose={setFilter}
      >
        {ids.length}
      </Chips>
      <div className={styles.list}>
        <VirtualList
          label={t("unit.title")}
          ids={ids}
          rowHeight={ROW_HEIGHT}
          selected={unit}
          onSelect={choose}
          onAct={begin}
          row={(id) => <UnitRow id={id} />}
          empty={<Empty title={t("unit.none")}>{t("unit.noneText")}</Empty>}
        />
      </div>
      {unit === null ? null : <UnitCard id={unit} incident={incident} onIncident={onIncident} />}
    </div>
  );
}
