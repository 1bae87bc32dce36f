import { type ReactNode, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import styles from "@/screens/admin/audit/Trail.module.css";
import type { Trail } from "@/screens/admin/audit/useTrail";
import { fits } from "@/screens/admin/parts/filter";
import { Refusal } from "@/screens/admin/parts/Refusal";
import { useKeys } from "@/shell/keys";
import { useQueryId } from "@/shell/router";
import { Button, Empty, Field, Panel, VirtualList } from "@/ui";

export interface TrailViewProps<T> {
  title: string;
  trail: Trail<T>;
  head: ReactNode;
  row: (row: T) => ReactNode;
  textOf: (row: T) => string;
  grid: string;
  empty: string;
  /** One of them whole. */
  children: (row: T) => ReactNode;
}

/** Rows that nobody can change, newest first; what is chosen stands below in full. */
export function TrailView<T extends { sequence: number }>(props: TrailViewProps<T>) {
  const { title, trail, head, row, textOf, grid, empty, children } = props;
  const { t } = useTranslation("admin");
  const format = useFormat();
  const [typed, setTyped] = useState("");
  const [id, setId] = useQueryId("id");
  const filter = useRef<HTMLInputElement>(null);
  const byId = useMemo(() => new Map(trail.rows.map((one) => [one.sequence, one])), [trail.rows]);
  const ids = useMemo(
    () => trail.rows.filter((one) => fits(textOf(one), typed)).map((one) => one.sequence),
    [trail.rows, textOf, typed],
  );
  const older = () => void trail.older();
  useKeys(title, [
    { keys: "/", text: t("keys.filter"), run: () => filter.current?.focus() },
    { keys: "r", text: t("reload"), run: () => void trail.reload() },
    { keys: "o", text: t("trail.older"), run: older, disabled: !trail.more },
  ]);
  const chosen = id === null ? undefined : byId.get(id);
  const none = trail.loading ? (
    <Empty title={t("loading")} />
  ) : (
    <Empty title={trail.rows.length > 0 ? t("noMatch") : empty}>
      {trail.rows.length > 0 ? t("trail.noMatch") : ""}
    </Empty>
  );
  return (
    <div className={styles.page}>
      <Panel
        title={title}
        count={typed ? `${ids.length} / ${trail.rows.length}` : format.number(trail.rows.length)}
        tools={
          <>
            <Field
              label={t("filter")}
              labelHidden
              placeholder={t("filter")}
              value={typed}
              onChange={setTyped}
              inputRef={filter}
            />
            <Button hint="r" onPress={() => void trail.reload()} isDisabled={trail.loading}>
              {t("reload")}
            </Button>
            <Button hint="o" onPress={older} isDisabled={!trail.more || trail.loading}>
              {t("trail.older")}
            </Button>
          </>
        }
      >
        <div className={styles.listing}>
          <Refusal problem={trail.problem} />
          <div className={`${styles.row} ${styles.head} ${grid}`} aria-hidden="true">
            {head}
          </div>
          <div className={styles.list}>
            <VirtualList
              label={title}
              ids={ids}
              rowHeight={32}
              selected={id}
              onSelect={setId}
              empty={none}
              row={(rowId) => {
                const one = byId.get(rowId);
                return one ? <div className={`${styles.row} ${grid}`}>{row(one)}</div> : null;
              }}
            />
          </div>
        </div>
      </Panel>
      {chosen ? (
        <div className={styles.chosen}>
          <Panel
            title={`${title} ${chosen.sequence}`}
            padded
            tools={
              <Button kind="quiet" icon aria-label={t("close")} onPress={() => setId(null)}>
                ✕
              </Button>
            }
          >
            {/* It scrolls: the keyboard must get there. */}
            <div tabIndex={0} role="region" aria-label={`${title} ${chosen.sequence}`}>
              {children(chosen)}
            </div>
          </Panel>
        </div>
      ) : null}
    </div>
  );
}
