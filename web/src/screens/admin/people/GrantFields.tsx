import type { Grant, RoleView } from "@schema";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useLabel } from "@/i18n/labels";
import styles from "@/screens/admin/parts/Form.module.css";
import { fits } from "@/screens/admin/parts/filter";
import { SearchPick } from "@/screens/admin/parts/SearchPick";
import own from "@/screens/admin/people/People.module.css";
import type { Scopes } from "@/screens/admin/people/useScopes";
import { classes, Select } from "@/ui";

const SHOWN = 12;

export interface GrantFieldsProps {
  grant: Grant;
  onChange: (grant: Grant) => void;
  scopes: Scopes;
  /** Those that can be chosen here: of people, or of machines. */
  roles: readonly RoleView[];
  error?: string;
}

/** One role and where it holds. */
export function GrantFields({ grant, onChange, scopes, roles, error }: GrantFieldsProps) {
  const { t } = useTranslation("admin");
  const label = useLabel();
  const [query, setQuery] = useState("");
  const role = roles.find((one) => one.name === grant.role);
  const targets = scopes.targets(grant.scope);
  const chosen = targets.find((target) => target.id === grant.id);
  const takeRole = (name: string) => {
    const fresh = roles.find((one) => one.name === name);
    const scope = fresh?.scopes.includes(grant.scope) ? grant.scope : (fresh?.scopes[0] ?? "centre");
    onChange({ role: name, scope, id: scope === grant.scope ? grant.id : 0 });
  };
  return (
    <div className={styles.pair}>
      <Select
        label={t("grant.role")}
        choices={roles.map(({ name }) => ({ value: name, text: label("role", name as "crew") }))}
        value={grant.role || null}
        onChange={takeRole}
        placeholder={t("grant.rolePlaceholder")}
      />
      <Select
        label={t("grant.scope")}
        choices={(role?.scopes ?? []).map((scope) => ({ value: scope, text: t(`scope.${scope}`) }))}
        value={role ? grant.scope : null}
        onChange={(scope) => onChange({ ...grant, scope, id: 0 })}
        placeholder="–"
        isDisabled={!role}
      />
      {role && grant.scope !== "centre" ? (
        <SearchPick
          label={t(`scope.${grant.scope}`)}
          chosen={chosen ? chosen.name || chosen.code : grant.id > 0 ? String(grant.id) : ""}
          query={query}
          onQuery={setQuery}
          options={targets
            .filter((target) => fits(`${target.code} ${target.name}`, query))
            .slice(0, SHOWN)
            .map((target) => ({ id: String(target.id), text: target.name || target.code, detail: target.code }))}
          onPick={(id) => onChange({ ...grant, id: Number(id) })}
          none={t("noMatch")}
          placeholder={t("grant.targetPlaceholder")}
          error={error}
        />
      ) : null}
      {error && (!role || grant.scope === "centre") ? (
        <p className={classes(styles.fault, own.across)}>{error}</p>
      ) : null}
    </div>
  );
}
