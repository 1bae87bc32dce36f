import { type BedKind, type BedState, type Beds, bedKindValues, type Facility } from "@schema";
import { type KeyboardEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLabel } from "@/i18n/labels";
import { BedCell } from "@/screens/hospital/BedCell";
import { BedCount } from "@/screens/hospital/BedCount";
import styles from "@/screens/hospital/Beds.module.css";
import { COUNTED, type Counted, moveOf, type PendingMove, STATES, totalOf, withMoves } from "@/screens/hospital/beds";
import { CountAge } from "@/screens/hospital/CountAge";
import { useBedMoves } from "@/screens/hospital/useBedMoves";
import { Button, Panel } from "@/ui";

interface At {
  row: number;
  column: number;
}

interface Counting {
  kind: BedKind;
  state: Counted;
  /** What was typed to begin it. */
  typed: string;
}

const clamp = (value: number, last: number) => Math.min(Math.max(value, 0), last);

function moved(at: At, key: string): At | null {
  const [lastRow, lastColumn] = [bedKindValues.length - 1, STATES.length - 1];
  switch (key) {
    case "ArrowUp":
      return { ...at, row: clamp(at.row - 1, lastRow) };
    case "ArrowDown":
      return { ...at, row: clamp(at.row + 1, lastRow) };
    case "ArrowLeft":
      return { ...at, column: clamp(at.column - 1, lastColumn) };
    case "ArrowRight":
      return { ...at, column: clamp(at.column + 1, lastColumn) };
    case "Home":
      return { ...at, column: 0 };
    case "End":
      return { ...at, column: lastColumn };
    default:
      return null;
  }
}

function countedState(state: BedState | undefined): Counted {
  return COUNTED.find((one) => one === state) ?? "available";
}

function shownBeds(facility: Facility, kind: BedKind, pending: readonly PendingMove[]): Beds | undefined {
  const beds = facility.beds.find((one) => one.kind === kind);
  return beds && withMoves(beds, pending);
}

/** Beds by kind and state: plus and minus move one bed, typing a figure counts anew. */
export function BedBoard({ facility, own }: { facility: Facility; own: boolean }) {
  const { t } = useTranslation("hospital");
  const label = useLabel();
  const { pending, move } = useBedMoves(facility.id, t("beds.title"));
  const [at, setAt] = useState<At>({ row: 0, column: 0 });
  const [counting, setCounting] = useState<Counting | null>(null);
  const cells = useRef(new Map<string, HTMLTableCellElement>());

  const change = (kind: BedKind, state: BedState, more: boolean) => {
    const beds = shownBeds(facility, kind, pending);
    const made = beds && moveOf(beds, state, more);
    if (made) move(kind, made);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const [kind, state] = [bedKindValues[at.row], STATES[at.column]];
    const to = moved(at, event.key);
    if (to) {
      setAt(to);
      cells.current.get(`${to.row}.${to.column}`)?.focus();
    } else if (!own || !kind || !state) {
      return;
    } else if (["+", "=", "-", "−"].includes(event.key)) {
      change(kind, state, event.key === "+" || event.key === "=");
    } else if (/^\d$/.test(event.key) || event.key === "Enter") {
      setCounting({ kind, state: countedState(state), typed: event.key === "Enter" ? "" : event.key });
    } else {
      return;
    }
    event.preventDefault();
  };

  return (
    <Panel
      title={t("beds.title")}
      className={styles.panel}
      tools={own ? <span className={styles.help}>{t("beds.help")}</span> : null}
    >
      <table className={styles.board} role="grid" aria-label={t("beds.title")} onKeyDown={onKeyDown}>
        <thead>
          <tr>
            <th scope="col">{t("beds.kind")}</th>
            {STATES.map((state) => (
              <th key={state} scope="col" className={styles.figure}>
                {label("bed_state", state)}
              </th>
            ))}
            <th scope="col" className={styles.figure}>
              {t("beds.total")}
            </th>
          </tr>
        </thead>
        <tbody>
          {bedKindValues.map((kind, row) => {
            const beds = shownBeds(facility, kind, pending);
            return (
              <tr key={kind} data-unknown={beds ? undefined : true}>
                <th scope="row">
                  <div className={styles.kind}>
                    <div>
                      {label("bed_kind", kind)}
                      <div className={styles.age}>
                        <CountAge facility={facility} kind={kind} />
                      </div>
                    </div>
                    {own ? (
                      <Button
                        size="small"
                        kind="quiet"
                        icon
                        aria-label={t("beds.countKind", { kind: label("bed_kind", kind) })}
                        onPress={() => setCounting({ kind, state: "available", typed: "" })}
                      >
                        ✎
                      </Button>
                    ) : null}
                  </div>
                </th>
                {STATES.map((state, column) => (
                  <BedCell
                    key={state}
                    kind={kind}
                    state={state}
                    beds={beds}
                    own={own}
                    busy={pending.some((one) => one.kind === kind && (one.from === state || one.to === state))}
                    current={at.row === row && at.column === column}
                    cellRef={(cell) => {
                      if (cell) cells.current.set(`${row}.${column}`, cell);
                    }}
                    onFocus={() => setAt({ row, column })}
                    onChange={(more) => change(kind, state, more)}
                  />
                ))}
                <td className={styles.total}>{beds ? totalOf(beds) : null}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {counting ? <BedCount facility={facility} {...counting} onClose={() => setCounting(null)} /> : null}
    </Panel>
  );
}
