import { useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { patch } from "@/api/client";
import { rolesOf, sessionStore } from "@/api/session";
import styles from "@/screens/admin/config/Config.module.css";
import { checkSetting, GROUP_NAMES, groupOf, sentValueOf, textOfValue } from "@/screens/admin/config/groups";
import { SettingRow } from "@/screens/admin/config/SettingRow";
import { faultsOf } from "@/screens/admin/parts/check";
import { FormFrame } from "@/screens/admin/parts/FormFrame";
import { fits } from "@/screens/admin/parts/filter";
import { changedKeys } from "@/screens/admin/parts/merge";
import { Refusal } from "@/screens/admin/parts/Refusal";
import { useAll } from "@/screens/admin/parts/useAll";
import { useForm } from "@/screens/admin/parts/useForm";
import { useSaver } from "@/screens/admin/parts/useSaver";
import type { Setting } from "@/screens/admin/types";
import { useKeys } from "@/shell/keys";
import { Checkbox, Empty, Field, Panel } from "@/ui";

type Values = Record<string, string>;

function fieldsOf(items: readonly Setting[]): Values {
  return Object.fromEntries(items.map((setting) => [setting.name, textOfValue(setting.value)]));
}

function send(values: Values, now: readonly Setting[]): Promise<unknown> {
  const changed = changedKeys(values, fieldsOf(now));
  const body = now
    .filter((setting) => changed.includes(setting.name))
    .map((setting) => [setting.name, sentValueOf(setting, values[setting.name] ?? "")]);
  return patch("/api/v1/config", Object.fromEntries(body));
}

/** All settings; those that may change while the server runs are changed here, all together or none. */
export function Config() {
  const { t, i18n } = useTranslation("admin");
  const readOnly = useStore(sessionStore, ({ session }) => !rolesOf(session).includes("administrator"));
  const all = useAll<Setting>("/api/v1/config", true);
  const [typed, setTyped] = useState("");
  const [own, setOwn] = useState(false);
  const filter = useRef<HTMLInputElement>(null);
  const byName = useMemo(() => new Map(all.items.map((setting) => [setting.name, setting])), [all.items]);
  const form = useForm<Values>("config", fieldsOf(all.items), (values) =>
    faultsOf<Values>(
      Object.fromEntries(
        changedKeys(values, fieldsOf(all.items)).map((name) => {
          const setting = byName.get(name);
          return [name, setting ? checkSetting(setting, values[name] ?? "") : undefined];
        }),
      ),
    ),
  );
  const saver = useSaver<Values, readonly Setting[]>({
    form,
    read: all.reload,
    fieldsOf,
    send: (values, now) => send(values, now ?? []),
    done: t("config.saved"),
  });
  useKeys(t("section.config"), [{ keys: "/", text: t("keys.filter"), run: () => filter.current?.focus() }]);
  const wordsOf = (setting: Setting) =>
    i18n.exists(`admin:setting.${setting.name}`) ? t(`setting.${setting.name}`) : setting.summary;
  const shown = all.items.filter(
    (setting) =>
      fits(`${wordsOf(setting)} ${setting.name}`, typed) &&
      (!own || setting.origin !== "default" || form.changed.includes(setting.name)),
  );
  const list = GROUP_NAMES.map((group) => ({
    group,
    items: shown.filter(({ name }) => groupOf(name) === group),
  })).filter(({ items }) => items.length > 0);
  const groups = list.map(({ group, items }) => (
    <section key={group} aria-label={t(`config.group.${group}`)}>
      <h3 className={styles.group}>{t(`config.group.${group}`)}</h3>
      <ul>
        {items.map((setting) => (
          <SettingRow key={setting.name} setting={setting} text={wordsOf(setting)} form={form} readOnly={readOnly} />
        ))}
      </ul>
    </section>
  ));
  return (
    <div className={styles.page}>
      <Panel
        title={t("section.config")}
        count={all.items.length}
        padded
        tools={
          <>
            <Checkbox isSelected={own} onChange={setOwn}>
              {t("config.onlyOwn")}
            </Checkbox>
            <Field
              label={t("filter")}
              labelHidden
              placeholder={t("filter")}
              value={typed}
              onChange={setTyped}
              inputRef={filter}
            />
          </>
        }
      >
        <Refusal problem={all.problem} />
        <p className={styles.about}>{readOnly ? t("config.readOnly") : t("config.about")}</p>
        {all.items.length > 0 && list.length === 0 ? <Empty title={t("noMatch")}>{t("noMatchText")}</Empty> : null}
        {all.loading ? <Empty title={t("loading")} /> : null}
        {readOnly ? (
          // It scrolls: the keyboard must get there.
          <div tabIndex={0} role="region" aria-label={t("section.config")}>
            {groups}
          </div>
        ) : (
          <FormFrame
            form={form}
            saver={saver}
            labelOf={(name) => name}
            textOf={(name, values) => values[name] ?? ""}
            isPinned
          >
            {groups}
          </FormFrame>
        )}
      </Panel>
    </div>
  );
}
