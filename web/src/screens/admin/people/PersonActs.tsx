import type { Changed } from "@schema";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { patch, post, remove } from "@/api/client";
import { sessionStore } from "@/api/session";
import { Confirm } from "@/screens/admin/parts/Confirm";
import styles from "@/screens/admin/parts/Form.module.css";
import { readOne } from "@/screens/admin/parts/readOne";
import type { All } from "@/screens/admin/parts/useAll";
import { useOnce } from "@/screens/admin/parts/useOnce";
import { NewPassword } from "@/screens/admin/people/NewPassword";
import { SecretOnce } from "@/screens/admin/people/SecretOnce";
import type { PersonRow } from "@/screens/admin/types";
import { notify } from "@/shell/notices";
import { Button } from "@/ui";

type Asked = "disable" | "enable" | "totp" | "noTotp" | "passkeys" | "sessions" | "provider";

/** What is done to an account beside its fields: password, one-time codes, shutting it. */
export function PersonActs({ person, all, disabled }: { person: PersonRow; all: All<PersonRow>; disabled: boolean }) {
  const { t } = useTranslation("admin");
  const [asked, setAsked] = useState<Asked | null>(null);
  const [password, setPassword] = useState(false);
  const [secret, setSecret] = useState("");
  const { run, pending, problem, clear } = useOnce();
  const isSelf = useStore(sessionStore, ({ session }) => session?.person.id === person.id);
  const path = `/api/v1/people/${person.id}`;
  const name = person.display;
  const acts: Record<Asked, () => Promise<unknown>> = {
    disable: async () => remove(path, { ifMatch: (await readOne(all, person.id)).revision }),
    enable: async () => patch(path, { disabled: false }, { ifMatch: (await readOne(all, person.id)).revision }),
    totp: async () => setSecret((await post<Changed>(`${path}/totp`, undefined)).secret ?? ""),
    noTotp: () => remove(`${path}/totp`),
    passkeys: () => remove(`${path}/passkeys`),
    sessions: () => remove(`${path}/sessions`),
    provider: () => remove(`${path}/provider`),
  };
  const act = async () => {
    if (!asked) return;
    const done = await run(async () => {
      await acts[asked]();
      await all.reload();
    });
    if (!done) return;
    notify({ tone: "ok", text: t(`person.done.${asked}`, { name }) });
    setAsked(null);
  };
  const ask = (what: Asked) => {
    clear();
    setAsked(what);
  };
  return (
    <>
      <div className={styles.buttons}>
        <Button isDisabled={disabled} onPress={() => setPassword(true)}>
          {t("person.newPassword")}
        </Button>
        <Button isDisabled={disabled} onPress={() => ask("totp")}>
          {person.totp ? t("person.totpAnew") : t("person.totpSet")}
        </Button>
        {person.totp ? (
          <Button isDisabled={disabled} onPress={() => ask("noTotp")}>
            {t("person.totpRemove")}
          </Button>
        ) : null}
        {person.passkeys > 0 ? (
          <Button isDisabled={disabled} onPress={() => ask("passkeys")}>
            {t("person.passkeysRemove")}
          </Button>
        ) : null}
        {person.disabled ? null : (
          <Button isDisabled={disabled || isSelf} onPress={() => ask("sessions")}>
            {t("person.endSessions")}
          </Button>
        )}
        {person.provider ? (
          <Button isDisabled={disabled} onPress={() => ask("provider")}>
            {t("person.letGo")}
          </Button>
        ) : null}
        {person.disabled ? (
          <Button isDisabled={disabled} onPress={() => ask("enable")}>
            {t("person.enable")}
          </Button>
        ) : (
          <Button kind="danger" isDisabled={disabled || isSelf} onPress={() => ask("disable")}>
            {t("person.disable")}
          </Button>
        )}
      </div>
      {isSelf && !person.disabled ? <p className={styles.note}>{t("person.self")}</p> : null}
      <Confirm
        title={asked ? t(`person.ask.${asked}`, { name }) : ""}
        isOpen={asked !== null}
        onClose={() => setAsked(null)}
        onConfirm={() => void act()}
        confirm={asked ? t(`person.confirm.${asked}`) : ""}
        isDisabled={pending}
        problem={problem}
      >
        <p>{asked ? t(`person.about.${asked}`) : ""}</p>
      </Confirm>
      <NewPassword person={person} isOpen={password} onClose={() => setPassword(false)} after={all.reload} />
      <SecretOnce
        title={t("person.totpTitle", { name })}
        text={t("person.totpText")}
        secret={secret}
        isLink
        onDone={() => setSecret("")}
      />
    </>
  );
}
