import type { Changed, Grant } from "@schema";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { isDrill, post } from "@/api/client";
import { checkText, type Fault, faultsOf } from "@/screens/admin/parts/check";
import { FormFrame } from "@/screens/admin/parts/FormFrame";
import { RecordPanel } from "@/screens/admin/parts/Record";
import { TextOf } from "@/screens/admin/parts/TextOf";
import type { All } from "@/screens/admin/parts/useAll";
import { useFault } from "@/screens/admin/parts/useFault";
import { useForm } from "@/screens/admin/parts/useForm";
import { useSaver } from "@/screens/admin/parts/useSaver";
import { GrantFields } from "@/screens/admin/people/GrantFields";
import { checkGrant, NO_GRANT } from "@/screens/admin/people/grants";
import { SecretOnce } from "@/screens/admin/people/SecretOnce";
import type { Scopes } from "@/screens/admin/people/useScopes";
import type { TokenRow } from "@/screens/admin/types";
import { setQuery } from "@/shell/router";
import { DateField } from "@/ui/DateField";

const NAME_BYTES = 63;

interface TokenFields {
  name: string;
  grant: Grant;
  /** A date of this machine's calendar, or empty: never. */
  expires: string;
}

const EMPTY: TokenFields = { name: "", grant: NO_GRANT, expires: "" };

/** The end of that day. */
function instantOf(day: string): string {
  return new Date(`${day}T23:59:59`).toISOString();
}

function checkExpiry(day: string): Fault | undefined {
  if (day === "") return undefined;
  const at = Date.parse(`${day}T23:59:59`);
  return Number.isNaN(at) || at <= Date.now() ? { fault: "future" } : undefined;
}

export function NewToken({ all, scopes }: { all: All<TokenRow>; scopes: Scopes }) {
  const { t } = useTranslation("admin");
  const fault = useFault();
  const [made, setMade] = useState<Changed | null>(null);
  const form = useForm<TokenFields>("token.new", EMPTY, (values) =>
    faultsOf<TokenFields>({
      name: checkText(values.name, NAME_BYTES),
      grant: checkGrant(values.grant, []),
      expires: checkExpiry(values.expires),
    }),
  );
  const saver = useSaver<TokenFields, TokenFields>({
    form,
    read: null,
    fieldsOf: (fields) => fields,
    send: ({ name, grant, expires }) =>
      post("/api/v1/tokens", { name, grant, ...(expires ? { expires_at: instantOf(expires) } : {}) }),
    done: t("added", { name: form.values.name }),
    after: (result) => setMade(result as Changed),
  });
  const expiryError = fault(form.shown.expires);
  const done = () => {
    const id = made?.id ?? null;
    setMade(null);
    void all.reload().then(() => setQuery({ id, add: null }));
  };
  const roles = scopes.roles.filter((role) => role.machine && (role.name !== "simulation" || isDrill()));
  return (
    <RecordPanel title={t("token.new")}>
      <FormFrame form={form} saver={saver} isNew labelOf={(key) => key} textOf={(key) => key}>
        <TextOf form={form} name="name" label={t("token.name")} help={t("token.nameHelp")} />
        <GrantFields
          grant={form.values.grant}
          onChange={(grant) => form.set("grant", grant)}
          scopes={scopes}
          roles={roles}
          error={fault(form.shown.grant)}
        />
        <DateField
          label={t("token.expires")}
          value={form.values.expires}
          onChange={(day) => form.set("expires", day)}
          onBlur={() => form.touch("expires")}
          help={expiryError ? undefined : t("token.expiresHelp")}
          error={expiryError}
        />
      </FormFrame>
      <SecretOnce
        title={t("token.secretTitle")}
        text={t("token.secretText")}
        secret={made?.secret ?? ""}
        onDone={done}
      />
    </RecordPanel>
  );
}
