import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { languageOf } from "@/i18n";
import styles from "@/screens/dispatch/line/LineHelp.module.css";
import { VERBS } from "@/screens/dispatch/line/verbs";
import { dispatchStore } from "@/screens/dispatch/store";
import { Dialog } from "@/ui/Dialog";
import { Table } from "@/ui/Table";

/** Every verb, its other names, an example. */
export function LineHelp() {
  const { t, i18n } = useTranslation("dispatch");
  const open = useStore(dispatchStore, (store) => store.linesHelp);
  const chinese = languageOf(i18n.language) === "zh-CN";
  const close = () => dispatchStore.setState({ linesHelp: false });
  return (
    <Dialog title={t("line.help")} isOpen={open} onClose={close} wide>
      <p className={styles.text}>{t("line.helpText")}</p>
      <Table
        label={t("line.help")}
        rows={VERBS}
        keyOf={(spec) => spec.verb}
        columns={[
          {
            id: "names",
            title: t("line.names"),
            cell: (spec) => <b>{(chinese ? [...spec.zh, ...spec.en] : [...spec.en, ...spec.zh]).join(" ")}</b>,
          },
          { id: "does", title: t("line.does"), cell: (spec) => t(`line.verb.${spec.verb}`) },
          { id: "example", title: t("line.exampleTitle"), cell: (spec) => <code>{spec.example}</code>, tight: true },
        ]}
      />
    </Dialog>
  );
}
