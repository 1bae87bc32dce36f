import type { ReactNode } from "react";
import { classes } from "@/ui/classes";
import styles from "@/ui/Table.module.css";

export interface Column<T> {
  id: string;
  title: ReactNode;
  cell: (row: T) => ReactNode;
  /** Figures stand at the right. */
  right?: boolean;
  /** As narrow as it can be. */
  tight?: boolean;
}

export interface TableProps<T> {
  /** Read aloud: what the table holds. */
  label: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  keyOf: (row: T) => string | number;
  empty?: ReactNode;
}

/** A plain table for some hundred rows at most; live lists use VirtualList. */
export function Table<T>({ label, columns, rows, keyOf, empty }: TableProps<T>) {
  if (rows.length === 0 && empty) return empty;
  const named = (column: Column<T>) => classes(column.right && styles.right, column.tight && styles.tight);
  return (
    <table className={styles.table} aria-label={label}>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column.id} scope="col" className={named(column)}>
              {column.title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={keyOf(row)}>
            {columns.map((column) => (
              <td key={column.id} className={named(column)}>
                {column.cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
