import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type ReactNode, type Ref, useEffect, useId, useRef } from "react";
import { classes } from "@/ui/classes";
import styles from "@/ui/VirtualList.module.css";

export interface VirtualListProps {
  /** Read aloud: what the list holds. */
  label: string;
  ids: readonly number[];
  /** One row; it should subscribe to its own entity (useEntity). */
  row: (id: number, selected: boolean) => ReactNode;
  /** Pixels; every row the same. */
  rowHeight?: number;
  selected: number | null;
  onSelect: (id: number) => void;
  /** Enter or double click. */
  onAct?: (id: number) => void;
  empty?: ReactNode;
  listRef?: Ref<HTMLDivElement>;
}

function moved(ids: readonly number[], selected: number | null, key: string, page: number): number | undefined {
  const at = selected === null ? -1 : ids.indexOf(selected);
  const steps: Record<string, number> = {
    ArrowDown: at + 1,
    ArrowUp: at < 0 ? 0 : at - 1,
    PageDown: at + page,
    PageUp: at - page,
    Home: 0,
    End: ids.length - 1,
  };
  const to = steps[key];
  return to === undefined ? undefined : ids[Math.min(Math.max(to, 0), ids.length - 1)];
}

/** A list of any length, of which only what is seen is drawn. One Tab stop; arrows, Page, Home and End move in it. */
export function VirtualList(props: VirtualListProps) {
  const { label, ids, row, rowHeight = 36, selected, onSelect, onAct, empty, listRef } = props;
  const scroll = useRef<HTMLDivElement>(null);
  const base = useId();
  const virtual = useVirtualizer({
    count: ids.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => ids[index] ?? index,
    overscan: 6,
  });
  const at = selected === null ? -1 : ids.indexOf(selected);
  // Another choice comes into sight; one that only gets another place in the order does not take the list along.
  const seen = useRef<number | null>(null);
  useEffect(() => {
    if (at < 0 || seen.current === selected) return;
    seen.current = selected;
    virtual.scrollToIndex(at, { align: "auto" });
  }, [at, selected, virtual]);
  if (ids.length === 0 && empty) return empty;

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Enter" && selected !== null && onAct) {
      event.preventDefault();
      onAct(selected);
      return;
    }
    const page = Math.max(1, Math.floor((scroll.current?.clientHeight ?? rowHeight) / rowHeight) - 1);
    const to = moved(ids, selected, event.key, page);
    if (to === undefined) return;
    event.preventDefault();
    onSelect(to);
  };

  return (
    <div
      ref={(element) => {
        scroll.current = element;
        if (typeof listRef === "function") listRef(element);
        else if (listRef) listRef.current = element;
      }}
      className={styles.scroll}
      role="listbox"
      tabIndex={0}
      aria-label={label}
      aria-activedescendant={at >= 0 ? `${base}-${selected}` : undefined}
      onKeyDown={onKeyDown}
    >
      <div className={styles.inner} style={{ height: virtual.getTotalSize() }} role="presentation">
        {virtual.getVirtualItems().map((item) => {
          const id = ids[item.index];
          if (id === undefined) return null;
          return (
            <div
              key={item.key}
              id={`${base}-${id}`}
              role="option"
              tabIndex={-1}
              aria-selected={id === selected}
              aria-posinset={item.index + 1}
              aria-setsize={ids.length}
              className={classes(styles.row, id === selected && styles.active)}
              style={{ height: item.size, transform: `translateY(${item.start}px)` }}
              onClick={() => onSelect(id)}
              onDoubleClick={() => onAct?.(id)}
            >
              {row(id, id === selected)}
            </div>
          );
        })}
      </div>
    </div>
  );
}
