import type { ReactNode } from "react";
import { Checkbox as AriaCheckbox, type CheckboxProps as AriaCheckboxProps } from "react-aria-components/Checkbox";
import styles from "@/ui/Checkbox.module.css";

export interface CheckboxProps extends Omit<AriaCheckboxProps, "className" | "children" | "style"> {
  children: ReactNode;
}

export function Checkbox({ children, ...rest }: CheckboxProps) {
  return (
    <AriaCheckbox {...rest} className={styles.checkbox}>
      <span className={styles.box} aria-hidden="true">
        ✓
      </span>
      {children}
    </AriaCheckbox>
  );
}
