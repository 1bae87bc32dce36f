import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { rolesOf, sessionStore } from "@/api/session";
import styles from "@/screens/admin/Admin.module.css";
import { sectionsOf } from "@/screens/admin/sections";
import { useGuide } from "@/shell/guide";
import { useKeys } from "@/shell/keys";
import { goTo, useRoute } from "@/shell/router";
import { KeyHint, Tabs } from "@/ui";

/** People, roles, units, stations, facilities, seats, protocols, settings; for auditors the trail and the journal. */
export default function AdminScreen() {
  const { t } = useTranslation("admin");
  const { query } = useRoute();
  const session = useStore(sessionStore, (store) => store.session);
  const roles = rolesOf(session);
  const sections = sectionsOf(roles);
  const selected = (sections.find((section) => section.id === query.section) ?? sections[0])?.id ?? "";
  const open = (id: string) => {
    // Another section, nothing chosen in it yet.
    if (id !== selected) goTo("admin", { section: id });
  };
  useKeys(
    t("title"),
    sections.map(({ id, key }) => ({ keys: key, text: t(`section.${id}`), run: () => open(id) })),
  );
  const isAdministrator = roles.includes("administrator");
  useGuide(
    t("title"),
    isAdministrator
      ? [
          { id: "units", text: t("guide.units"), done: selected === "units" },
          { id: "unit", text: t("guide.unit"), done: selected === "units" && query.id !== undefined },
          { id: "config", text: t("guide.config"), done: selected === "config" },
        ]
      : [
          { id: "row", text: t("guide.row"), done: selected === "audit" && query.id !== undefined },
          { id: "entries", text: t("guide.entries"), done: selected === "entries" },
        ],
  );
  return (
    <div className={styles.admin}>
      <Tabs
        label={t("title")}
        selected={selected}
        onSelect={open}
        items={sections.map(({ id, key, Component }) => ({
          id,
          title: (
            <>
              {t(`section.${id}`)} <KeyHint keys={key} />
            </>
          ),
          content: <Component />,
        }))}
      />
    </div>
  );
}
