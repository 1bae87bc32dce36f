import type { ReactNode } from "react";
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from "react-aria-components/Button";
import styles from "@/ui/Button.module.css";
import { classes } from "@/ui/classes";
import { KeyHint } from "@/ui/KeyHint";

export interface ButtonProps extends Omit<AriaButtonProps, "className" | "children" | "style"> {
  children: ReactNode;
  kind?: "normal" | "primary" | "danger" | "quiet";
  size?: "small" | "normal" | "large";
  /** Shown in the button; the key itself is bound with useKeys. */
  hint?: string;
  wide?: boolean;
  /** A picture only: give aria-label. */
  icon?: boolean;
}

export function Button({ children, kind = "normal", size = "normal", hint, wide, icon, ...rest }: ButtonProps) {
  const named = classes(styles.button, styles[kind], styles[size], wide && styles.wide, icon && styles.icon);
  return (
    <AriaButton {...rest} className={named}>
      {children}
      {hint ? <KeyHint keys={hint} /> : null}
    </AriaButton>
  );
}
