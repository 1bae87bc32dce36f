import type { Grant } from "@schema";
import { useTranslation } from "react-i18next";
import type { Fault } from "@/screens/admin/parts/check";
import styles from "@/screens/admin/parts/Form.module.css";
import { useFault } from "@/screens/admin/parts/useFault";
import { GrantFields } from "@/screens/admin/people/GrantFields";
import { checkGrant, GRANTS_MAX, NO_GRANT } from "@/screens/admin/people/grants";
import own from "@/screens/admin/people/People.module.css";
import type { Scopes } from "@/screens/admin/people/useScopes";
import { Button } from "@/ui";

export interface GrantsFieldProps {
  value: readonly Grant[];
  onChange: (grants: readonly Grant[]) => void;
  scopes: Scopes;
  /** Whether faults are shown already. */
  fault: Fault | undefined;
}

/** The roles of a person, each with where it holds. */
export function GrantsField({ value, onChange, scopes, fault }: GrantsFieldProps) {
  const { t } = useTranslation("admin");
  const words = useFault();
  const roles = scopes.roles.filter((role) => !role.machine);
  const put = (index: number, grant: Grant) => onChange(value.map((one, at) => (at === index ? grant : one)));
  return (
    <fieldset className={styles.group}>
      <legend className={styles.legend}>{t("grant.title")}</legend>
      {value.length === 0 ? <p className={styles.note}>{t("grant.none")}</p> : null}
      {value.map((grant, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: grants have no other identity than their place
        <div key={index} className={own.grant}>
          <GrantFields
            grant={grant}
            onChange={(fresh) => put(index, fresh)}
            scopes={scopes}
            roles={roles}
            error={fault ? words(checkGrant(grant, value.slice(0, index))) : undefined}
          />
          <Button
            kind="quiet"
            icon
            aria-label={t("grant.remove", { grant: grant.role ? scopes.textOf(grant) : String(index + 1) })}
            onPress={() => onChange(value.filter((_, at) => at !== index))}
          >
            ✕
          </Button>
        </div>
      ))}
      {fault?.fault === "tooMany" ? <p className={styles.fault}>{words(fault)}</p> : null}
      <div>
        <Button size="small" isDisabled={value.length >= GRANTS_MAX} onPress={() => onChange([...value, NO_GRANT])}>
          {t("grant.add")}
        </Button>
      </div>
    </fieldset>
  );
}
