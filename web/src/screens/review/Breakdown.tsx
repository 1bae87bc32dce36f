import type { Priority } from "@schema";
import { useTranslation } from "react-i18next";
import { Bar, Met } from "@/screens/review/Figures";
import { type Figure, groupOf, PRIORITIES } from "@/screens/review/figures";
import styles from "@/screens/review/Review.module.css";
import type { Review } from "@/screens/review/useReview";
import { useFigureWords } from "@/screens/review/words";
import { setQuery } from "@/shell/router";
import { Button, type Column, PriorityMark, Table } from "@/ui";

interface Row {
  district: number | null;
  name: string;
}

function Cell({ figure, row, priority }: { figure: Figure; row: Row; priority: Priority | null }) {
  const { t } = useTranslation("review");
  const words = useFigureWords();
  const group = { district: row.district, priority };
  const of = figure.kind === "indicator" ? groupOf(figure.figure, group) : null;
  const times = figure.kind === "interval" ? groupOf(figure.figure, group) : null;
  const n = of?.n ?? times?.n ?? 0;
  if (n === 0) return <span className={styles.none}>–</span>;
  const value =
    figure.kind === "indicator" ? words.value(figure.figure, of?.value ?? null) : words.time(times?.p90_s ?? null);
  const open = () => setQuery({ district: row.district, priority, tab: "calls" }, false);
  return (
    <Button kind="quiet" size="small" onPress={open}>
      <span className="visually-hidden">{t("breakdown.open", { name: row.name })}</span>
      <span className={styles.cell}>
        <span className={styles.cellValue}>
          <Met met={of?.met ?? null} />
          {value}
        </span>
        {figure.kind === "indicator" ? (
          <Bar figure={figure.figure} value={of?.value ?? null} met={of?.met ?? null} />
        ) : (
          <span className={styles.small}>{t("breakdown.median", { value: words.time(times?.p50_s ?? null) })}</span>
        )}
        <span className={styles.small}>{t("samples", { n: words.number(n) })}</span>
      </span>
    </Button>
  );
}

/** The chosen figure by district and priority; each field leads to its calls. */
export function Breakdown({ review, figure }: { review: Review; figure: Figure }) {
  const { t } = useTranslation("review");
  const words = useFigureWords();
  const known = (figure.figure.districts ?? []).filter((one) => one.district > 0 || one.n > 0);
  const rows: Row[] = [
    review.wholeCentre
      ? { district: null, name: t("breakdown.all") }
      : { district: review.group.district, name: review.names.district(review.group.district) },
    ...known.map(({ district }) => ({ district, name: review.names.district(district) })),
  ];
  const columns: Column<Row>[] = [
    { id: "district", title: t("bar.district"), cell: (row) => row.name },
    { id: "all", title: t("breakdown.all"), cell: (row) => <Cell figure={figure} row={row} priority={null} /> },
    ...PRIORITIES.map((priority) => ({
      id: priority,
      title: <PriorityMark priority={priority} />,
      cell: (row: Row) => <Cell figure={figure} row={row} priority={priority} />,
    })),
  ];
  return (
    <>
      <p className={styles.explain}>
        {figure.kind === "interval" ? t("breakdown.times") : null}
        {figure.kind === "indicator" && figure.figure.target === null
          ? t("breakdown.noTarget", { who: words.source(figure.figure) })
          : null}
        {figure.kind === "indicator" && figure.figure.target !== null
          ? t("breakdown.target", { target: words.target(figure.figure), who: words.source(figure.figure) })
          : null}
      </p>
      <Table label={words.title(figure)} columns={columns} rows={rows} keyOf={(row) => row.district ?? "all"} />
    </>
  );
}
