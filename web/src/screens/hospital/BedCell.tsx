import type { BedKind, BedState, Beds } from "@schema";
import { useTranslation } from "react-i18next";
import { NOTHING } from "@/i18n/format";
import { useLabel } from "@/i18n/labels";
import styles from "@/screens/hospital/Beds.module.css";
import { moveOf } from "@/screens/hospital/beds";

export interface BedCellProps {
  kind: BedKind;
  state: BedState;
  beds: Beds | undefined;
  own: boolean;
  /** A move of it is on its way. */
  busy: boolean;
  current: boolean;
  cellRef: (cell: HTMLTableCellElement | null) => void;
  onFocus: () => void;
  onChange: (more: boolean) => void;
}

function Step({
  sign,
  name,
  disabled,
  onPress,
}: {
  sign: string;
  name: string;
  disabled: boolean;
  onPress: () => void;
}) {
  return (
    <button type="button" tabIndex={-1} className={styles.step} aria-label={name} disabled={disabled} onClick={onPress}>
      {sign}
    </button>
  );
}

/** One figure, with the buttons that move a bed. */
export function BedCell({ kind, state, beds, own, busy, current, cellRef, onFocus, onChange }: BedCellProps) {
  const { t } = useTranslation("hospital");
  const label = useLabel();
  const about = { kind: label("bed_kind", kind), state: label("bed_state", state) };
  const steps = own && beds && state !== "reserved";
  return (
    <td ref={cellRef} className={styles.cell} tabIndex={current ? 0 : -1} onFocus={onFocus} data-state={state}>
      <div className={styles.inside}>
        {steps ? (
          <Step
            sign="−"
            name={t("beds.less", about)}
            disabled={!moveOf(beds, state, false)}
            onPress={() => onChange(false)}
          />
        ) : null}
        <span className={styles.number} data-busy={busy || undefined} data-zero={beds?.[state] === 0 || undefined}>
          {beds ? beds[state] : NOTHING}
        </span>
        {steps ? (
          <Step
            sign="+"
            name={t("beds.more", about)}
            disabled={!moveOf(beds, state, true)}
            onPress={() => onChange(true)}
          />
        ) : null}
      </div>
    </td>
  );
}
