import type { ReactNode, Ref } from "react";
import { FieldError } from "react-aria-components/FieldError";
import { Input } from "react-aria-components/Input";
import { Label } from "react-aria-components/Label";
import { Text } from "react-aria-components/Text";
import { TextArea } from "react-aria-components/TextArea";
import { TextField, type TextFieldProps } from "react-aria-components/TextField";
import { classes } from "@/ui/classes";
import styles from "@/ui/Field.module.css";

export interface FieldProps extends Omit<TextFieldProps, "className" | "children" | "style"> {
  label: ReactNode;
  /** The label is read aloud only; the placeholder must then say what goes here. */
  labelHidden?: boolean;
  placeholder?: string;
  help?: ReactNode;
  /** Why what was entered is not right. */
  error?: ReactNode;
  /** Several lines. */
  rows?: number;
  large?: boolean;
  inputRef?: Ref<HTMLInputElement>;
}

export function Field({ label, labelHidden, placeholder, help, error, rows, large, inputRef, ...rest }: FieldProps) {
  return (
    <TextField {...rest} className={classes(styles.field, large && styles.large)} isInvalid={Boolean(error)}>
      <Label className={labelHidden ? "visually-hidden" : styles.label}>{label}</Label>
      {rows ? (
        <TextArea className={styles.input} rows={rows} placeholder={placeholder} />
      ) : (
        <Input className={styles.input} placeholder={placeholder} ref={inputRef} />
      )}
      {help ? (
        <Text slot="description" className={styles.help}>
          {help}
        </Text>
      ) : null}
      <FieldError className={styles.error}>{error}</FieldError>
    </TextField>
  );
}
