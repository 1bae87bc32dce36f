import { useTranslation } from "react-i18next";
import { lastContact_ms } from "@/lib/contact";
import type { Kept } from "@/lib/kept";
import { useConnection } from "@/live/hooks";
import styles from "@/screens/crew/crew.module.css";
import type { Known } from "@/screens/crew/known";
import { useUnread } from "@/screens/crew/messages";
import { openTab, TABS, useView } from "@/screens/crew/views";
import { Stale } from "@/ui/Stale";

/** The views, within reach of the thumb; what is shown without the centre carries its age. */
export function Bar({ known, acts }: { known: Known; acts: readonly Kept[] }) {
  const { t } = useTranslation("crew");
  const { state } = useConnection();
  const { tab } = useView();
  const unread = useUnread(known.unit.id, acts).length;
  return (
    <>
      {state === "live" ? null : (
        <p className={styles.age} role="status">
          {t("age")} <Stale at={lastContact_ms()} limit_s={0} />
        </p>
      )}
      <nav className={styles.tabs} aria-label={t("tabs.label")}>
        {TABS.map((name) => (
          <button
            key={name}
            type="button"
            className={styles.tab}
            aria-current={name === tab ? "page" : undefined}
            onClick={() => openTab(name)}
          >
            {t(`tabs.${name}`)}
            {name === "messages" && unread > 0 ? <span className={styles.unread}>{unread}</span> : null}
          </button>
        ))}
      </nav>
    </>
  );
}
