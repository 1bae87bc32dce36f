import { type ReactNode, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Problem } from "@/api/problem";
import { useFormat } from "@/i18n/format";
import { fits } from "@/screens/admin/parts/filter";
import { Refusal } from "@/screens/admin/parts/Refusal";
import styles from "@/screens/admin/parts/Registry.module.css";
import { useKeys } from "@/shell/keys";
import { setQuery, useQueryId, useRoute } from "@/shell/router";
import { Button, Empty, Field, Panel, VirtualList } from "@/ui";

export interface RegistryProps<T> {
  title: string;
  items: readonly T[];
  idOf: (item: T) => number;
  loading: boolean;
  problem: Problem | null;
  reload: () => Promise<unknown>;
  /** The cells of a row; `grid` gives their widths. */
  row: (item: T) => ReactNode;
  head: ReactNode;
  grid: string;
  /** What the filter looks through. */
  textOf: (item: T) => string;
  /** "Add a unit"; null: nothing can be added. */
  addText: string | null;
  /** More switches beside the filter. */
  tools?: ReactNode;
  /** What stands at the right. */
  children: (selected: T | null, adding: boolean) => ReactNode;
  empty: string;
  /** What to do at the right while nothing is chosen. */
  hint: string;
}

/** A list with a filter at the left, one record at the right. */
export function Registry<T>(props: RegistryProps<T>) {
  const { title, items, idOf, loading, problem, reload, row, head, grid, textOf, addText, tools, children } = props;
  const { t } = useTranslation("admin");
  const format = useFormat();
  const [typed, setTyped] = useState("");
  const [id, setId] = useQueryId("id");
  const adding = useRoute().query.add === "1";
  const filter = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement | null>(null);
  const detail = useRef<HTMLDivElement>(null);
  const byId = useMemo(() => new Map(items.map((item) => [idOf(item), item])), [items, idOf]);
  const found = useMemo(() => items.filter((item) => fits(textOf(item), typed)), [items, textOf, typed]);
  const ids = useMemo(() => found.map(idOf), [found, idOf]);
  const selected = (id !== null && byId.get(id)) || null;
  const toForm = () =>
    setTimeout(() =>
      detail.current?.querySelector<HTMLElement>("input:not([disabled]), button:not([disabled])")?.focus(),
    );
  const add = () => {
    setQuery({ id: null, add: 1 });
    toForm();
  };
  useKeys(t("keys.list"), [
    { keys: "/", text: t("keys.filter"), run: () => filter.current?.focus() },
    { keys: "n", text: addText ?? "", run: add, disabled: addText === null },
    { keys: "r", text: t("reload"), run: () => void reload().catch(() => {}) },
    { keys: "Escape", text: t("keys.toList"), run: () => list.current?.focus() },
  ]);
  const count = found.length === items.length ? format.number(items.length) : `${found.length} / ${items.length}`;
  const none = loading ? (
    <Empty title={t("loading")} />
  ) : (
    <Empty title={items.length > 0 ? t("noMatch") : props.empty}>{items.length > 0 ? t("noMatchText") : ""}</Empty>
  );
  return (
    <div className={styles.registry}>
      <Panel
        title={title}
        count={count}
        tools={
          addText ? (
            <Button size="small" hint="n" onPress={add}>
              {addText}
            </Button>
          ) : undefined
        }
      >
        <div className={styles.listing}>
          <div className={styles.tools}>
            <div className={styles.filter}>
              <Field
                label={t("filter")}
                labelHidden
                placeholder={t("filter")}
                value={typed}
                onChange={setTyped}
                inputRef={filter}
              />
            </div>
            {tools}
          </div>
          <Refusal problem={problem} />
          <div className={`${styles.row} ${styles.head} ${grid}`} aria-hidden="true">
            {head}
          </div>
          <div className={styles.list}>
            <VirtualList
              label={title}
              ids={ids}
              selected={adding ? null : id}
              onSelect={(fresh) => (fresh !== id || adding) && setQuery({ id: fresh, add: null })}
              onAct={toForm}
              listRef={list}
              empty={none}
              row={(rowId) => {
                const item = byId.get(rowId);
                return item ? <div className={`${styles.row} ${grid}`}>{row(item)}</div> : null;
              }}
            />
          </div>
        </div>
      </Panel>
      <div className={styles.detail} ref={detail}>
        {selected || adding ? (
          children(adding ? null : selected, adding)
        ) : (
          <Panel title={t("record")}>
            <Empty
              title={t("nothingChosen")}
              action={
                id !== null ? (
                  <Button onPress={() => setId(null)}>{t("clearChoice")}</Button>
                ) : addText ? (
                  <Button onPress={add}>{addText}</Button>
                ) : undefined
              }
            >
              {id !== null && !loading ? t("gone") : props.hint}
            </Empty>
          </Panel>
        )}
      </div>
    </div>
  );
}
