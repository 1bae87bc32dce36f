import type { ReactNode } from "react";
import styles from "@/screens/admin/parts/Record.module.css";
import { Panel } from "@/ui";

export interface RecordProps {
  title: string;
  /** Marks beside the title. */
  marks?: ReactNode;
  /** Acts on the whole record. */
  acts?: ReactNode;
  children: ReactNode;
}

/** One record: its form, then what else belongs to it. */
export function RecordPanel({ title, marks, acts, children }: RecordProps) {
  return (
    <Panel title={title} tools={marks} padded>
      <div className={styles.record}>
        {children}
        {acts ? <div className={styles.acts}>{acts}</div> : null}
      </div>
    </Panel>
  );
}

export function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={styles.part} aria-label={title}>
      <h3 className={styles.title}>{title}</h3>
      {children}
    </section>
  );
}
