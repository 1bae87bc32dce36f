import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { seesLive, sessionStore } from "@/api/session";
import { clockText } from "@/i18n/format";
import { useConnection } from "@/live/hooks";
import { liveStore } from "@/live/state";
import styles from "@/shell/Connection.module.css";
import { classes } from "@/ui/classes";

/** Seconds since the last message, by this machine's own clock: the centre's cannot be asked. Null: none has come to this page. */
function useSilence(active: boolean): number | null {
  const heardAt_ms = useStore(liveStore, (live) => live.heardAt_ms);
  const [now_ms, setNow] = useState(() => performance.now());
  useEffect(() => {
    if (!active) return undefined;
    setNow(performance.now());
    const timer = setInterval(() => setNow(performance.now()), 500);
    return () => clearInterval(timer);
  }, [active]);
  return heardAt_ms === 0 ? null : Math.max(0, (now_ms - heardAt_ms) / 1000);
}

/** In the bar: a light and a word. */
export function ConnectionMark() {
  const { t } = useTranslation("shell");
  const { state, cut } = useConnection();
  const wanted = useStore(sessionStore, ({ session }) => seesLive(session));
  if (!wanted) return null;
  const named = classes(styles.mark, cut && styles.cut, state === "connecting" && styles.waiting);
  return (
    <span className={named} role="status">
      <span className={styles.light} aria-hidden="true" />
      {t(`connection.${cut ? "cut" : state === "live" ? "live" : "connecting"}`)}
    </span>
  );
}

/** Across the page as long as the connection is cut: what is shown is the last that was known. */
export function CutBand() {
  const { t } = useTranslation("shell");
  const { cut } = useConnection();
  const silence_s = useSilence(cut);
  if (!cut) return null;
  return (
    <div className={styles.band} role="alert">
      <span aria-hidden="true">⚠</span>
      <span>{t("connection.band")}</span>
      <span aria-hidden="true">{silence_s === null ? "" : clockText(silence_s)}</span>
    </div>
  );
}
