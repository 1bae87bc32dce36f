import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { Registry } from "@/screens/admin/parts/Registry";
import styles from "@/screens/admin/parts/Registry.module.css";
import { useAll } from "@/screens/admin/parts/useAll";
import { NewToken } from "@/screens/admin/people/NewToken";
import { Token } from "@/screens/admin/people/Token";
import { tokenState } from "@/screens/admin/people/tokenState";
import { useScopes } from "@/screens/admin/people/useScopes";
import type { TokenRow } from "@/screens/admin/types";
import { Checkbox } from "@/ui";

const idOf = (token: TokenRow) => token.id;

/** What machines sign in with: the telephone exchange, the vehicles, other systems. */
export function Tokens() {
  const { t } = useTranslation("admin");
  const format = useFormat();
  const [old, setOld] = useState(false);
  const all = useAll<TokenRow>("/api/v1/tokens");
  const scopes = useScopes();
  const items = useMemo(
    () => all.items.filter((token) => old || tokenState(token, Date.now()) === "valid"),
    [all.items, old],
  );
  const textOf = useMemo(() => (token: TokenRow) => `${token.name} ${scopes.textOf(token.grant)}`, [scopes.textOf]);
  return (
    <Registry
      title={t("section.tokens")}
      items={items}
      idOf={idOf}
      loading={all.loading}
      problem={all.problem ?? scopes.problem}
      reload={all.reload}
      grid={styles.four ?? ""}
      head={
        <>
          <span>{t("token.name")}</span>
          <span>{t("token.grant")}</span>
          <span>{t("token.made")}</span>
          <span>{t("field.state")}</span>
        </>
      }
      row={(token) => (
        <>
          <strong>{token.name}</strong>
          <span>{scopes.textOf(token.grant)}</span>
          <span>{format.date(token.created_at)}</span>
          <span>{t(`token.state.${tokenState(token, Date.now())}`)}</span>
        </>
      )}
      textOf={textOf}
      addText={t("token.add")}
      tools={
        <Checkbox isSelected={old} onChange={setOld}>
          {t("token.showOld")}
        </Checkbox>
      }
      empty={t("token.none")}
      hint={t("token.hint")}
    >
      {(token) =>
        token ? (
          <Token key={token.id} token={token} all={all} scopes={scopes} />
        ) : (
          <NewToken all={all} scopes={scopes} />
        )
      }
    </Registry>
  );
}
