import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import styles from "@/screens/answer/Beat.module.css";
import { type Metronome, startMetronome } from "@/screens/answer/metronome";
import { useKeys } from "@/shell/keys";
import { Button } from "@/ui";

const STORED = "mingdi.metronome.muted";

/** The rhythm of compressions: heard, and seen as a pulse and as the count up to thirty. */
export function Beat({ beats }: { beats: number }) {
  const { t } = useTranslation("answer");
  const [muted, setMuted] = useState(() => localStorage.getItem(STORED) === "1");
  const [count, setCount] = useState(0);
  const sound = useRef<Metronome | null>(null);
  const startMuted = useRef(muted);
  useEffect(() => {
    const metronome = startMetronome(beats, startMuted.current);
    sound.current = metronome;
    const timer = setInterval(() => setCount((before) => (before % 30) + 1), 60_000 / beats);
    return () => {
      clearInterval(timer);
      metronome.stop();
    };
  }, [beats]);
  const toggle = () => {
    localStorage.setItem(STORED, muted ? "0" : "1");
    startMuted.current = !muted;
    sound.current?.setMuted(!muted);
    setMuted(!muted);
  };
  useKeys(t("title"), [{ keys: "m", text: t("beat.mute"), run: toggle }]);
  return (
    <div className={styles.beat}>
      <span key={count} className={styles.pulse} title={t("beat.rate", { beats })} aria-hidden="true">
        {count || "♥"}
      </span>
      <span className="visually-hidden">{t("beat.rate", { beats })}</span>
      <Button size="small" kind="quiet" hint="m" onPress={toggle}>
        {muted ? t("beat.unmute") : t("beat.mute")}
      </Button>
    </div>
  );
}
