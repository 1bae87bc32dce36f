import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { centreStore } from "@/api/centre";
import { sessionStore } from "@/api/session";
import styles from "@/board/Board.module.css";
import type { BoardState } from "@/board/board";
import { useBoardWords } from "@/board/words";
import { useFormat } from "@/i18n/format";

const OLD_MS = 120_000;

interface SheetProps {
  title: string;
  names: readonly string[];
  /** Of the columns, in parts of the page. */
  widths: readonly number[];
  rows: readonly { id: number; cells: readonly string[] }[];
}

function Sheet({ title, names, widths, rows }: SheetProps) {
  const { t } = useTranslation("board");
  return (
    <section className={styles.sheet}>
      <h2 className={styles.title}>
        {title} <span className={styles.count}>{rows.length}</span>
      </h2>
      {rows.length === 0 ? (
        <p className={styles.none}>{t("none")}</p>
      ) : (
        <table className={styles.table}>
          <colgroup>
            {names.map((name, index) => (
              <col key={name} width={`${widths[index] ?? 1}%`} />
            ))}
          </colgroup>
          <thead>
            <tr>
              {names.map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ id, cells }) => (
              <tr key={id}>
                {cells.map((cell, index) => (
                  <td key={names[index]}>{cell}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

/** Stands on each page: whose board this is, and of when. */
function Head({ state }: { state: BoardState }) {
  const { t } = useTranslation("board");
  const format = useFormat();
  const centre = useStore(centreStore, (store) => store.name);
  const drill = useStore(sessionStore, (store) => store.drill);
  const age_ms = state.printed_ms - state.asOf_ms;
  return (
    <header className={styles.head}>
      <div>
        <p className={styles.name}>
          {drill ? t("drill") : ""}
          {t("title", { centre })}
        </p>
        <p>{t("printed", { at: `${format.date(state.printed_ms)} ${format.time(state.printed_ms)}` })}</p>
        <p>{t("lock")}</p>
      </div>
      <div className={styles.state}>
        <p>{t("stateOf", { date: format.date(state.asOf_ms) })}</p>
        <p className={styles.asOf}>{format.timeSeconds(state.asOf_ms)}</p>
        {age_ms > OLD_MS ? (
          <p className={styles.isOld}>{t("isOld", { minutes: Math.floor(age_ms / 60_000) })}</p>
        ) : state.cut ? (
          <p className={styles.isOld}>{t("isCut")}</p>
        ) : null}
      </div>
    </header>
  );
}

function Sheets({ state }: { state: BoardState }) {
  const { t } = useTranslation("board");
  const words = useBoardWords(state);
  const names = (keys: readonly string[]) => keys.map((key) => t(`column.${key}`));
  const rows = <T extends { id: number }>(all: readonly T[], cells: (one: T) => string[]) =>
    all.map((one) => ({ id: one.id, cells: cells(one) }));
  return (
    <>
      <Sheet
        title={t("sheet.incidents")}
        names={names(["incident", "priority", "state", "rang", "place", "needs", "units"])}
        widths={[7, 9, 11, 7, 28, 16, 22]}
        rows={rows(state.incidents, words.incident)}
      />
      <Sheet
        title={t("sheet.calls")}
        names={names(["call", "state", "rang", "answered", "seat", "place"])}
        widths={[7, 14, 9, 9, 17, 44]}
        rows={rows(state.calls, words.call)}
      />
      <Sheet
        title={t("sheet.missions")}
        names={names(["unit", "incident", "state", "sent", "departed", "onScene", "atFacility", "destination"])}
        widths={[10, 8, 18, 8, 9, 9, 10, 28]}
        rows={rows(state.missions, words.mission)}
      />
      <Sheet
        title={t("sheet.units")}
        names={names(["unit", "name", "state", "since", "post", "lastPlace", "skills"])}
        widths={[9, 13, 19, 7, 14, 21, 17]}
        rows={rows(state.units, words.unit)}
      />
      <Sheet
        title={t("sheet.facilities")}
        names={names(["facility", "name", "tier", "state", "treats", "beds"])}
        widths={[9, 18, 8, 17, 20, 28]}
        rows={rows(state.facilities, words.facility)}
      />
    </>
  );
}

/** A4 across, black on white. The outer table is there because browsers repeat the head of a table on each page. */
export function Board({ state }: { state: BoardState }) {
  return (
    <table className={styles.pages} role="presentation">
      <thead>
        <tr>
          <td className={styles.page}>
            <Head state={state} />
          </td>
        </tr>
      </thead>
      <tbody>
        <tr>
          <td className={styles.page}>
            <Sheets state={state} />
          </td>
        </tr>
      </tbody>
    </table>
  );
}
