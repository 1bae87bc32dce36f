import type { Seat } from "@schema";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { sessionStore } from "@/api/session";
import { type Tone, useSound } from "@/lib/sound";
import { useCount } from "@/live/hooks";
import { isRinging } from "@/screens/answer/need";
import { useKeys } from "@/shell/keys";
import { Badge, Button } from "@/ui";

const LOW_HZ = 523;
const HIGH_HZ = 659;
const TRILL_S = 0.09;
/** Two bursts of a quick trill: like no other sound of the console. */
const TONES: readonly Tone[] = [0, 0.7].flatMap((burst_s) =>
  Array.from({ length: 5 }, (_, index) => ({
    hz: index % 2 === 0 ? LOW_HZ : HIGH_HZ,
    at_s: burst_s + index * TRILL_S,
    for_s: TRILL_S,
  })),
);
const EVERY_MS = 3_000;

export interface RingSoundProps {
  seat: Seat | null;
  /** A caller is on the line: nothing rings into the conversation. */
  busy: boolean;
}

/** The ring of calls that wait, for whoever sits at a seat and is free; the list shows the same. */
export function RingSound({ seat, busy }: RingSoundProps) {
  const { t } = useTranslation("answer");
  const person = useStore(sessionStore, (store) => store.session?.person.id ?? 0);
  const rings = useCount("calls", isRinging) > 0 && seat !== null && !busy;
  const setup = useMemo(() => ({ tones: TONES, every_ms: EVERY_MS, stored: `mingdi.ring.muted.${person}` }), [person]);
  const { muted, setMuted, held } = useSound(setup, rings);
  useKeys(t("title"), [{ keys: "Alt+m", text: t("ring.key"), run: () => setMuted(!muted) }]);
  return (
    <>
      <Button size="small" kind="quiet" hint="Alt+m" onPress={() => setMuted(!muted)} aria-pressed={!muted}>
        {muted ? t("ring.off") : t("ring.on")}
      </Button>
      {held && rings ? <Badge tone="warn">{t("ring.held")}</Badge> : null}
    </>
  );
}
