import styles from "@/screens/dispatch/HandMark.module.css";

/** Somebody's hand. Drawn, since not every machine has a font with one. */
export function HandMark() {
  return (
    <svg className={styles.hand} viewBox="0 0 16 16" aria-hidden="true">
      <path d="M4.5 8V3.8a.9.9 0 0 1 1.8 0V7h.4V2.4a.9.9 0 0 1 1.8 0V7h.4V3a.9.9 0 0 1 1.8 0v4.6h.4V5a.9.9 0 0 1 1.8 0v5.2A4.8 4.8 0 0 1 8.1 15c-2 0-3-.9-3.9-2.5L2.3 9.2a.9.9 0 0 1 1.5-1Z" />
    </svg>
  );
}
