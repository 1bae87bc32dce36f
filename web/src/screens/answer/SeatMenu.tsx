import { useTranslation } from "react-i18next";
import type { SeatHandle } from "@/screens/answer/useSeat";
import { Button, Menu } from "@/ui";

/** Where one sits; another seat, or none. */
export function SeatMenu({ seat, seats, free, take, give }: SeatHandle) {
  const { t } = useTranslation("answer");
  const items = seats.map((one) => ({
    id: String(one.id),
    text: `${one.code} · ${one.name}`,
    disabled: one.id !== seat?.id && !free.includes(one),
  }));
  return (
    <Menu
      label={t("seat.label")}
      items={seat ? [...items, { id: "give", text: t("seat.give", { code: seat.code }) }] : items}
      chosen={seat ? String(seat.id) : undefined}
      onAct={(id) => (id === "give" ? give() : take(Number(id)))}
      button={
        <Button kind={seat ? "quiet" : "primary"} size="small">
          {seat ? t("seat.at", { code: seat.code }) : t("seat.take")} ▾
        </Button>
      }
    />
  );
}
