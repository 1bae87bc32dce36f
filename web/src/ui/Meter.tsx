import type { ReactNode } from "react";
import { Label } from "react-aria-components/Label";
import { Meter as AriaMeter } from "react-aria-components/Meter";
import type { Tone } from "@/ui/Badge";
import { classes } from "@/ui/classes";
import styles from "@/ui/Meter.module.css";

export interface MeterProps {
  label: ReactNode;
  labelHidden?: boolean;
  value: number;
  max: number;
  /** The value in words, e.g. "12 of 30". */
  text: string;
  tone?: Exclude<Tone, "plain">;
  /** A mark on the track. */
  target?: number;
}

export function Meter({ label, labelHidden, value, max, text, tone, target }: MeterProps) {
  const share = (part: number) => `${max > 0 ? Math.min(100, Math.max(0, (part / max) * 100)) : 0}%`;
  return (
    <AriaMeter className={styles.meter} value={value} minValue={0} maxValue={Math.max(max, 1)} valueLabel={text}>
      <div className={labelHidden ? "visually-hidden" : styles.words}>
        <Label>{label}</Label>
        <span className={styles.value}>{text}</span>
      </div>
      <div className={styles.track}>
        <div className={classes(styles.bar, tone && styles[tone])} style={{ width: share(value) }} />
        {target === undefined ? null : <div className={styles.target} style={{ left: share(target) }} />}
      </div>
    </AriaMeter>
  );
}
