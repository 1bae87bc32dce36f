import { commandNames, type RoleView } from "@schema";
import { useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLabel } from "@/i18n/labels";
import { fits } from "@/screens/admin/parts/filter";
import { Refusal } from "@/screens/admin/parts/Refusal";
import styles from "@/screens/admin/people/Roles.module.css";
import { useRoles } from "@/screens/admin/people/useScopes";
import { useKeys } from "@/shell/keys";
import { Empty, Field, Panel } from "@/ui";

type Kind = "sees" | "resources" | "commands";

interface Row {
  kind: Kind;
  name: string;
  text: string;
}

function useRows(roles: readonly RoleView[]): readonly Row[] {
  const { t, i18n } = useTranslation("admin");
  return useMemo(() => {
    const named = (kind: Kind, name: string): Row => {
      const key = `right.${kind}.${name}`;
      return { kind, name, text: i18n.exists(`admin:${key}`) ? t(`right.${kind}.${name}`) : name };
    };
    const known = (kind: Kind) => [...new Set(roles.flatMap((role) => role[kind]))];
    const commands = commandNames.filter((name) => known("commands").includes(name));
    return [
      ...known("sees").map((name) => named("sees", name)),
      ...known("resources").map((name) => named("resources", name)),
      ...commands.map((name) => named("commands", name)),
    ];
  }, [roles, t, i18n]);
}

/** Who may do and see what: the rights as the server has them. */
export function RolesMatrix() {
  const { t } = useTranslation("admin");
  const label = useLabel();
  const { roles, problem } = useRoles();
  const rows = useRows(roles);
  const [typed, setTyped] = useState("");
  const filter = useRef<HTMLInputElement>(null);
  useKeys(t("section.roles"), [{ keys: "/", text: t("keys.filter"), run: () => filter.current?.focus() }]);
  const shown = rows.filter((row) => fits(`${row.text} ${row.name}`, typed));
  const scopesOf = (role: RoleView) => role.scopes.map((scope) => t(`scope.${scope}`)).join(", ");
  return (
    <div className={styles.page}>
      <Panel
        title={t("roles.title")}
        tools={
          <Field
            label={t("filter")}
            labelHidden
            placeholder={t("filter")}
            value={typed}
            onChange={setTyped}
            inputRef={filter}
          />
        }
      >
        <Refusal problem={problem} />
        <div className={styles.scroll} tabIndex={0} role="region" aria-label={t("roles.title")}>
          <table className={styles.matrix}>
            <thead>
              <tr>
                <th scope="col">{t("roles.right")}</th>
                {roles.map((role) => (
                  <th key={role.name} scope="col">
                    {label("role", role.name as "crew")}
                    <span>{role.machine ? t("roles.machine", { scopes: scopesOf(role) }) : scopesOf(role)}</span>
                  </th>
                ))}
              </tr>
            </thead>
            {(["sees", "resources", "commands"] as const).map((kind) => {
              const own = shown.filter((row) => row.kind === kind);
              return own.length === 0 ? null : (
                <tbody key={kind}>
                  <tr className={styles.kind}>
                    <th scope="rowgroup" colSpan={roles.length + 1}>
                      {t(`roles.${kind}`)}
                    </th>
                  </tr>
                  {own.map((row) => (
                    <tr key={row.name}>
                      <th scope="row">{row.text}</th>
                      {roles.map((role) => (
                        <td key={role.name}>
                          {role[kind].includes(row.name) ? (
                            <span role="img" aria-label={t("yes")}>
                              ●
                            </span>
                          ) : null}
                        </td>
                      ))}
                    </tr>
                  ))}
                </tbody>
              );
            })}
          </table>
          {rows.length > 0 && shown.length === 0 ? <Empty title={t("noMatch")}>{t("noMatchText")}</Empty> : null}
        </div>
      </Panel>
    </div>
  );
}
