import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { History } from "@/screens/admin/parts/History";
import { RecordPanel } from "@/screens/admin/parts/Record";
import { Registry } from "@/screens/admin/parts/Registry";
import { type All, useAll } from "@/screens/admin/parts/useAll";
import styles from "@/screens/admin/people/People.module.css";
import { PersonActs } from "@/screens/admin/people/PersonActs";
import { PersonForm } from "@/screens/admin/people/PersonForm";
import { type Scopes, useScopes } from "@/screens/admin/people/useScopes";
import type { PersonRow } from "@/screens/admin/types";
import { Badge, Checkbox } from "@/ui";

const idOf = (person: PersonRow) => person.id;

function Marks({ person }: { person: PersonRow }) {
  const { t } = useTranslation("admin");
  const format = useFormat();
  return (
    <>
      {person.totp ? <Badge tone="ok">{t("person.hasTotp")}</Badge> : null}
      {person.passkeys > 0 ? <Badge tone="ok">{t("person.hasPasskeys", { count: person.passkeys })}</Badge> : null}
      {person.locked_until ? (
        <Badge tone="warn">{t("person.locked", { until: format.time(person.locked_until) })}</Badge>
      ) : null}
      {person.disabled ? <Badge tone="bad">{t("person.disabled")}</Badge> : null}
    </>
  );
}

function Person({ person, all, scopes }: { person: PersonRow | null; all: All<PersonRow>; scopes: Scopes }) {
  const { t } = useTranslation("admin");
  const [password, setPassword] = useState("");
  return (
    <RecordPanel title={person ? person.display : t("person.new")} marks={person ? <Marks person={person} /> : null}>
      <PersonForm person={person} all={all} scopes={scopes} password={password} onPassword={setPassword} />
      {person ? (
        <>
          <PersonActs person={person} all={all} disabled={false} />
          <History kind="person" id={person.id} version={all.items} />
        </>
      ) : null}
    </RecordPanel>
  );
}

export function People() {
  const { t } = useTranslation("admin");
  const [shut, setShut] = useState(false);
  const all = useAll<PersonRow>("/api/v1/people");
  const scopes = useScopes();
  const items = useMemo(() => all.items.filter((person) => shut || !person.disabled), [all.items, shut]);
  const textOf = useMemo(
    () => (person: PersonRow) => [person.name, person.display, ...person.grants.map(scopes.textOf)].join(" "),
    [scopes.textOf],
  );
  return (
    <Registry
      title={t("section.people")}
      items={items}
      idOf={idOf}
      loading={all.loading}
      problem={all.problem ?? scopes.problem}
      reload={all.reload}
      grid={styles.wide ?? ""}
      head={
        <>
          <span>{t("person.signIn")}</span>
          <span>{t("person.display")}</span>
          <span>{t("grant.title")}</span>
          <span>{t("field.state")}</span>
        </>
      }
      row={(person) => (
        <>
          <strong>{person.name}</strong>
          <span>{person.display}</span>
          <span>{person.grants.map(scopes.textOf).join(", ") || t("grant.noneShort")}</span>
          <span>
            {person.disabled
              ? t("person.disabled")
              : person.locked_until
                ? t("person.lockedShort")
                : t("person.active")}
          </span>
        </>
      )}
      textOf={textOf}
      addText={t("person.add")}
      tools={
        <Checkbox isSelected={shut} onChange={setShut}>
          {t("person.showDisabled")}
        </Checkbox>
      }
      empty={t("person.noneThere")}
      hint={t("person.hint")}
    >
      {(person) => <Person key={person?.id ?? 0} person={person} all={all} scopes={scopes} />}
    </Registry>
  );
}
