import type { ReactNode } from "react";
import { Menu as AriaMenu, MenuItem, MenuTrigger } from "react-aria-components/Menu";
import { Popover } from "react-aria-components/Popover";
import styles from "@/ui/Menu.module.css";

export interface MenuEntry {
  id: string;
  text: string;
  mark?: ReactNode;
  disabled?: boolean;
}

export interface MenuProps {
  label: string;
  /** The button that opens it. */
  button: ReactNode;
  items: readonly MenuEntry[];
  onAct: (id: string) => void;
  /** One of the items is what holds now. */
  chosen?: string;
}

export function Menu({ label, button, items, onAct, chosen }: MenuProps) {
  const selection =
    chosen === undefined
      ? {}
      : ({ selectionMode: "single", selectedKeys: [chosen], disallowEmptySelection: true } as const);
  return (
    <MenuTrigger>
      {button}
      <Popover className={styles.popover} placement="bottom end">
        <AriaMenu className={styles.menu} aria-label={label} onAction={(key) => onAct(String(key))} {...selection}>
          {items.map((item) => (
            <MenuItem
              key={item.id}
              id={item.id}
              className={styles.item}
              textValue={item.text}
              isDisabled={item.disabled}
            >
              {item.mark}
              <span>{item.text}</span>
            </MenuItem>
          ))}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}
