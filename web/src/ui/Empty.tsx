import type { ReactNode } from "react";
import styles from "@/ui/Empty.module.css";

/** What stands where nothing is: what it means, and what to do next. */
export function Empty({ title, children, action }: { title: ReactNode; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className={styles.empty}>
      <p className={styles.title}>{title}</p>
      {children ? <p className={styles.text}>{children}</p> : null}
      {action}
    </div>
  );
}
