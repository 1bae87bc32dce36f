import { keyText } from "@/shell/keyText";
import styles from "@/ui/KeyHint.module.css";

/** The key that does it, e.g. keys="Alt+1". Readers of the screen get it from the help instead. */
export function KeyHint({ keys }: { keys: string }) {
  return (
    <span className={styles.key} aria-hidden="true">
      {keyText(keys)}
    </span>
  );
}
