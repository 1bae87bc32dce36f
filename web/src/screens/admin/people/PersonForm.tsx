import type { Changed, Grant } from "@schema";
import { useTranslation } from "react-i18next";
import { patch, post } from "@/api/client";
import { checkCode, checkPassword, checkText, faultsOf } from "@/screens/admin/parts/check";
import styles from "@/screens/admin/parts/Form.module.css";
import { FormFrame } from "@/screens/admin/parts/FormFrame";
import { changedKeys } from "@/screens/admin/parts/merge";
import { readOne } from "@/screens/admin/parts/readOne";
import { TextOf } from "@/screens/admin/parts/TextOf";
import type { All } from "@/screens/admin/parts/useAll";
import { useForm } from "@/screens/admin/parts/useForm";
import { useSaver } from "@/screens/admin/parts/useSaver";
import { GrantsField } from "@/screens/admin/people/GrantsField";
import { checkGrants } from "@/screens/admin/people/grants";
import type { Scopes } from "@/screens/admin/people/useScopes";
import type { PersonRow } from "@/screens/admin/types";
import { setQuery } from "@/shell/router";
import { Checkbox } from "@/ui";

const NAME_BYTES = 63;

interface PersonFields {
  name: string;
  display: string;
  grants: readonly Grant[];
  totp_required: boolean;
}

function fieldsOf(person: PersonRow | null): PersonFields {
  const { name = "", display = "", grants = [], totp_required = false } = person ?? {};
  return { name, display, grants, totp_required };
}

function send(values: PersonFields, now: PersonRow | null, password: string): Promise<unknown> {
  if (!now) return post("/api/v1/people", { ...values, password });
  const changed = changedKeys(values, fieldsOf(now)).map((key) => [key, values[key]]);
  return patch(`/api/v1/people/${now.id}`, Object.fromEntries(changed), { ifMatch: now.revision });
}

export interface PersonFormProps {
  person: PersonRow | null;
  all: All<PersonRow>;
  scopes: Scopes;
  /** Of a new person. It is a secret: it is kept in no draft. */
  password: string;
  onPassword: (password: string) => void;
}

export function PersonForm({ person, all, scopes, password, onPassword }: PersonFormProps) {
  const { t } = useTranslation("admin");
  const others = all.items.filter((other) => other.id !== person?.id).map((other) => other.name);
  const form = useForm<PersonFields & { password: string }>(
    `person.${person?.id ?? "new"}`,
    { ...fieldsOf(person), password: "" },
    (values) =>
      faultsOf<PersonFields & { password: string }>({
        name: checkCode(values.name, NAME_BYTES, others),
        display: checkText(values.display, NAME_BYTES),
        grants: checkGrants(values.grants),
        password: person ? undefined : checkPassword(password, values.name),
      }),
  );
  const saver = useSaver({
    form,
    read: person ? () => readOne(all, person.id) : null,
    fieldsOf: (now: PersonRow) => ({ ...fieldsOf(now), password: "" }),
    send: ({ password: _, ...values }, now) => send(values, now, password),
    done: person ? t("saved", { name: form.values.name }) : t("added", { name: form.values.name }),
    after: (result) => {
      onPassword("");
      if (!person) void all.reload().then(() => setQuery({ id: (result as Changed).id, add: null }));
    },
  });
  const textOf = (key: keyof PersonFields | "password", values: PersonFields) => {
    if (key === "grants") return values.grants.map(scopes.textOf).join(", ");
    if (key === "totp_required") return values.totp_required ? t("yes") : t("no");
    return key === "password" ? "" : values[key];
  };
  const secret = {
    ...form,
    values: { ...form.values, password },
    set: (key: string, value: unknown) => (key === "password" ? onPassword(String(value)) : undefined),
  } as typeof form;
  return (
    <FormFrame form={form} saver={saver} isNew={!person} labelOf={(key) => t(`field.${key}`)} textOf={textOf}>
      <div className={styles.pair}>
        <TextOf form={form} name="name" label={t("person.signIn")} help={t("person.signInHelp")} />
        <TextOf form={form} name="display" label={t("person.display")} />
      </div>
      {person ? null : (
        <TextOf
          form={secret}
          name="password"
          type="password"
          autoComplete="new-password"
          label={t("person.password")}
          help={t("person.passwordHelp")}
        />
      )}
      <GrantsField
        value={form.values.grants}
        onChange={(grants) => form.set("grants", grants)}
        scopes={scopes}
        fault={form.shown.grants}
      />
      <Checkbox isSelected={form.values.totp_required} onChange={(on) => form.set("totp_required", on)}>
        {t("person.totpRequired")}
      </Checkbox>
    </FormFrame>
  );
}
