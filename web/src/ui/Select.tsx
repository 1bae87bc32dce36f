import type { ReactNode } from "react";
import { Button } from "react-aria-components/Button";
import { Label } from "react-aria-components/Label";
import { ListBox, ListBoxItem } from "react-aria-components/ListBox";
import { Popover } from "react-aria-components/Popover";
import { Select as AriaSelect, SelectValue } from "react-aria-components/Select";
import fieldStyles from "@/ui/Field.module.css";
import styles from "@/ui/Select.module.css";

export interface Choice<V extends string> {
  value: V;
  text: string;
  /** Before the text: a mark or a key. */
  mark?: ReactNode;
  disabled?: boolean;
}

export interface SelectProps<V extends string> {
  label: ReactNode;
  labelHidden?: boolean;
  choices: readonly Choice<V>[];
  /** Null: nothing is chosen yet. */
  value: V | null;
  onChange: (value: V) => void;
  placeholder?: string;
  isDisabled?: boolean;
}

/** One of a list. Typing letters finds, arrows move. */
export function Select<V extends string>(props: SelectProps<V>) {
  const { label, labelHidden, choices, value, onChange, placeholder, isDisabled } = props;
  return (
    <AriaSelect
      className={styles.select}
      value={value}
      onChange={(key) => key !== null && onChange(key as V)}
      placeholder={placeholder}
      isDisabled={isDisabled}
    >
      <Label className={labelHidden ? "visually-hidden" : fieldStyles.label}>{label}</Label>
      <Button className={styles.button}>
        <SelectValue className={styles.value} />
        <span aria-hidden="true">▾</span>
      </Button>
      <Popover className={styles.popover}>
        <ListBox className={styles.list}>
          {choices.map((choice) => (
            <ListBoxItem
              key={choice.value}
              id={choice.value}
              className={styles.item}
              textValue={choice.text}
              isDisabled={choice.disabled}
            >
              {choice.mark}
              <span>{choice.text}</span>
            </ListBoxItem>
          ))}
        </ListBox>
      </Popover>
    </AriaSelect>
  );
}
