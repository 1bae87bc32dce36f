import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { sessionStore } from "@/api/session";
import styles from "@/screens/dispatch/DeskBar.module.css";
import type { Desks } from "@/screens/dispatch/useDesk";
import { Button } from "@/ui/Button";

/** In a drill: which desks are the person's, and which the exercise plays. */
export function DeskBar({ desks }: { desks: Desks }) {
  const { t } = useTranslation("dispatch");
  const drill = useStore(sessionStore, (store) => store.drill);
  const { mine, free, take, give } = desks;
  if (!drill || (mine.length === 0 && free.length === 0)) return null;
  return (
    <div className={styles.desks} role="group" aria-label={t("desk.label")}>
      {mine.map((seat) => (
        <Button key={seat.id} size="small" onPress={() => give(seat.id)}>
          {t("desk.mine", { code: seat.code })}
          <span aria-hidden="true">✕</span>
          <span className="visually-hidden">{t("desk.give")}</span>
        </Button>
      ))}
      {free.map((seat) => (
        <Button key={seat.id} size="small" kind={mine.length === 0 ? "primary" : "quiet"} onPress={() => take(seat.id)}>
          {t("desk.take", { code: seat.code })}
        </Button>
      ))}
    </div>
  );
}
