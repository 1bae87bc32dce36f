import { useTranslation } from "react-i18next";
import styles from "@/screens/answer/Answer.module.css";
import { CityMap } from "@/screens/answer/PlaceMap";
import { RingSound } from "@/screens/answer/RingSound";
import { SeatMenu } from "@/screens/answer/SeatMenu";
import type { SeatHandle } from "@/screens/answer/useSeat";
import { useKeys } from "@/shell/keys";
import { Button } from "@/ui";

export interface IdleProps {
  seats: SeatHandle;
  waiting: readonly number[];
  onTake: (id: number) => void;
  /** A call that the exchange does not know. */
  onTakeDown: () => void;
}

/** No call is open: who waits, and the key that takes the neediest. */
export function Idle({ seats, waiting, onTake, onTakeDown }: IdleProps) {
  const { t } = useTranslation("answer");
  const first = waiting[0];
  const next = () => first !== undefined && onTake(first);
  useKeys(t("title"), [{ keys: "Enter", text: t("list.next"), run: next, disabled: first === undefined }]);
  return (
    <section className={styles.idle} aria-label={t("idle.label")}>
      <div className={styles.strip}>
        <p className={styles.figure} data-some={waiting.length > 0}>
          {waiting.length}
        </p>
        <div className={styles.what}>
          <p className={styles.words} role="status">
            {t("idle.waiting", { count: waiting.length })}
          </p>
          <div className={styles.seat}>
            {seats.seat ? t("idle.seat", { code: seats.seat.code, name: seats.seat.name }) : t("idle.noSeat")}
            <SeatMenu {...seats} />
            <RingSound seat={seats.seat} busy={false} />
          </div>
        </div>
        <Button hint="Alt+n" isDisabled={!seats.seat} onPress={onTakeDown}>
          {t("takeDown.title")}
        </Button>
        <Button kind="primary" size="large" hint="Enter" isDisabled={first === undefined || !seats.seat} onPress={next}>
          {t("list.next")}
        </Button>
      </div>
      <CityMap className={styles.city} />
    </section>
  );
}
