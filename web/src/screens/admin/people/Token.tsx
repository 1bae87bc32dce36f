import { useState } from "react";
import { useTranslation } from "react-i18next";
import { remove } from "@/api/client";
import { useFormat } from "@/i18n/format";
import { Confirm } from "@/screens/admin/parts/Confirm";
import { Facts } from "@/screens/admin/parts/Facts";
import { History } from "@/screens/admin/parts/History";
import { RecordPanel } from "@/screens/admin/parts/Record";
import type { All } from "@/screens/admin/parts/useAll";
import { useOnce } from "@/screens/admin/parts/useOnce";
import { tokenState } from "@/screens/admin/people/tokenState";
import type { Scopes } from "@/screens/admin/people/useScopes";
import type { TokenRow } from "@/screens/admin/types";
import { notify } from "@/shell/notices";
import { Badge, Button } from "@/ui";

const TONES = { valid: "ok", expired: "warn", revoked: "bad" } as const;

export function Token({ token, all, scopes }: { token: TokenRow; all: All<TokenRow>; scopes: Scopes }) {
  const { t } = useTranslation("admin");
  const format = useFormat();
  const [asking, setAsking] = useState(false);
  const { run, pending, problem } = useOnce();
  const state = tokenState(token, Date.now());
  const revoke = async () => {
    const done = await run(async () => {
      await remove(`/api/v1/tokens/${token.id}`);
      await all.reload();
    });
    if (!done) return;
    notify({ tone: "ok", text: t("token.revoked", { name: token.name }) });
    setAsking(false);
  };
  const when = (at: string | null) => (at ? `${format.date(at)} ${format.time(at)}` : "");
  return (
    <RecordPanel
      title={token.name}
      marks={<Badge tone={TONES[state]}>{t(`token.state.${state}`)}</Badge>}
      acts={
        state === "valid" ? (
          <Button kind="danger" onPress={() => setAsking(true)}>
            {t("token.revoke")}
          </Button>
        ) : null
      }
    >
      <Facts
        facts={[
          [t("token.grant"), scopes.textOf(token.grant)],
          [t("token.made"), when(token.created_at)],
          [t("token.expires"), when(token.expires_at) || t("token.never")],
          [t("token.revokedAt"), when(token.revoked_at) || t("token.notRevoked")],
        ]}
      />
      <History kind="token" id={token.id} version={all.items} />
      <Confirm
        title={t("token.revokeTitle", { name: token.name })}
        isOpen={asking}
        onClose={() => setAsking(false)}
        onConfirm={() => void revoke()}
        confirm={t("token.revoke")}
        isDisabled={pending}
        problem={problem}
      >
        <p>{t("token.revokeText")}</p>
      </Confirm>
    </RecordPanel>
  );
}
