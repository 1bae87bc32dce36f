import { type ReactNode, useId } from "react";
import { classes } from "@/ui/classes";
import styles from "@/ui/Panel.module.css";

export interface PanelProps {
  title: ReactNode;
  /** How many things are in it. */
  count?: number | string;
  /** Buttons and filters at the right of the head. */
  tools?: ReactNode;
  children: ReactNode;
  /** Space around the body: for forms and texts, not for lists. */
  padded?: boolean;
  /** The body may scroll and holds nothing that takes the focus: it is then a Tab stop itself. */
  scrolls?: boolean;
  className?: string;
}

export function Panel({ title, count, tools, children, padded, scrolls, className }: PanelProps) {
  const id = useId();
  return (
    <section className={classes(styles.panel, className)} aria-labelledby={id}>
      <header className={styles.head}>
        <h2 className={styles.title} id={id}>
          {title}
        </h2>
        {count === undefined ? null : <span className={styles.count}>{count}</span>}
        {tools ? <div className={styles.tools}>{tools}</div> : null}
      </header>
      <div className={classes(styles.body, padded && styles.padded)} tabIndex={scrolls ? 0 : undefined}>
        {children}
      </div>
    </section>
  );
}
