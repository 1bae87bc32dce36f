import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { useCount } from "@/live/hooks";
import { MapArea } from "@/screens/dispatch/MapArea";
import { Messages } from "@/screens/dispatch/Messages";
import { isNews } from "@/screens/dispatch/messages";
import type { Perform } from "@/screens/dispatch/perform";
import styles from "@/screens/dispatch/Side.module.css";
import { Splitter } from "@/screens/dispatch/Splitter";
import { dispatchStore, toggleMap } from "@/screens/dispatch/store";
import { Units } from "@/screens/dispatch/Units";
import { useKeys } from "@/shell/keys";
import { Badge } from "@/ui/Badge";
import { KeyHint } from "@/ui/KeyHint";
import { Tabs } from "@/ui/Tabs";

export interface SideProps {
  selected: number | null;
  onSelect: (id: number) => void;
  perform: Perform;
}

/** The right: map, units, messages. */
export function Side({ selected, onSelect, perform }: SideProps) {
  const { t } = useTranslation("dispatch");
  const map = useStore(dispatchStore, (store) => store.map);
  const [tab, setTab] = useState<"units" | "messages">("units");
  const [share, setShare] = useState(55);
  const news = useCount("messages", isNews);
  useKeys(t("keys.side"), [
    { keys: "g", text: t("keys.map"), run: toggleMap },
    { keys: "v", text: t("keys.tab"), run: () => setTab((now) => (now === "units" ? "messages" : "units")) },
  ]);
  return (
    <div className={styles.side}>
      {map ? (
        <>
          <section className={styles.map} style={{ flexBasis: `${share}%` }} aria-label={t("map.label")}>
            <MapArea selected={selected} />
          </section>
          <Splitter label={t("map.splitter")} value={share} onChange={setShare} />
        </>
      ) : null}
      <div className={styles.tabs}>
        <Tabs
          label={t("side.label")}
          selected={tab}
          onSelect={setTab}
          items={[
            {
              id: "units",
              title: t("unit.title"),
              content: <Units incident={selected} onIncident={onSelect} />,
            },
            {
              id: "messages",
              title: (
                <>
                  {t("message.title")}
                  {news > 0 ? <Badge tone="warn">{news}</Badge> : null}
                  <KeyHint keys="v" />
                </>
              ),
              content: <Messages incident={selected} perform={perform} />,
            },
          ]}
        />
      </div>
    </div>
  );
}
