import type { Centre, Entry } from "@schema";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { get } from "@/api/client";
import { useFormat } from "@/i18n/format";
import { useLabel } from "@/i18n/labels";
import { flatFields, nameOfCommand, nameOfEvent } from "@/screens/admin/audit/entry";
import styles from "@/screens/admin/audit/Trail.module.css";
import { TrailView } from "@/screens/admin/audit/TrailView";
import { type Part, useTrail } from "@/screens/admin/audit/useTrail";
import { Part as Section } from "@/screens/admin/parts/Record";

const PAGE = 200;

/** The journal is read onward only: a piece is the entries behind its beginning, up to the piece that is there already. */
async function readEntries(from: number | null): Promise<Part<Entry>> {
  const last = from ?? (await get<Centre>("/api/v1/centre")).sequence;
  const begin = Math.max(0, last - PAGE);
  const rows: Entry[] = [];
  // A page may end early, when its entries are long.
  for (let after: number | null = begin; after !== null && after < last; ) {
    const page: { items: Entry[]; next: number | null } = await get(
      `/api/v1/entries?after=${after}&limit=${last - after}`,
    );
    rows.push(...page.items);
    after = page.next;
  }
  return { rows: rows.toReversed(), next: begin > 0 ? begin : null };
}

function Fields({ value }: { value: unknown }) {
  return (
    <dl className={styles.tree}>
      {flatFields(value).map(([name, text]) => (
        <div key={name} className={styles.pair}>
          <dt>{name}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The journal: each command with what it became. Nobody's personal data are in it. */
export function Entries() {
  const { t, i18n } = useTranslation("admin");
  const format = useFormat();
  const label = useLabel();
  const trail = useTrail(readEntries);
  const words = useCallback(
    (name: string) => (i18n.exists(`admin:right.commands.${name}`) ? t(`right.commands.${name}`) : name),
    [i18n, t],
  );
  const who = useCallback(
    (entry: Entry) => `${label("actor_kind", entry.actor_kind)}${entry.actor > 0 ? ` ${entry.actor}` : ""}`,
    [label],
  );
  const textOf = useCallback(
    (entry: Entry) =>
      [
        entry.sequence,
        who(entry),
        words(nameOfCommand(entry)),
        nameOfCommand(entry),
        ...entry.events.map(nameOfEvent),
      ].join(" "),
    [who, words],
  );
  const when = (entry: Entry) => `${format.date(entry.entered_at)} ${format.timeSeconds(entry.entered_at)}`;
  return (
    <TrailView
      title={t("section.entries")}
      trail={trail}
      grid={styles.entries ?? ""}
      textOf={textOf}
      empty={t("entries.none")}
      head={
        <>
          <span>{t("trail.number")}</span>
          <span>{t("trail.when")}</span>
          <span>{t("trail.who")}</span>
          <span>{t("entries.command")}</span>
          <span>{t("entries.events")}</span>
        </>
      }
      row={(entry) => (
        <>
          <span>{entry.sequence}</span>
          <time>{when(entry)}</time>
          <span>{who(entry)}</span>
          <strong>{words(nameOfCommand(entry))}</strong>
          <span>{entry.events.map(nameOfEvent).join(", ")}</span>
        </>
      )}
    >
      {(entry) => (
        <div className={styles.whole}>
          <Section title={`${t("entries.command")}: ${words(nameOfCommand(entry))}`}>
            <Fields value={entry.command} />
          </Section>
          {entry.events.map((event, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: events stand in their order for ever
            <Section key={index} title={`${t("entries.event")}: ${nameOfEvent(event)}`}>
              <Fields value={event} />
            </Section>
          ))}
        </div>
      )}
    </TrailView>
  );
}
