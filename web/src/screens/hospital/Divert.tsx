import { type DiversionCause, diversionCauseValues, type Facility } from "@schema";
import { type FormEvent, useId } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { centreStore } from "@/api/centre";
import { useFormat } from "@/i18n/format";
import { useLabel } from "@/i18n/labels";
import { useNow } from "@/live/hooks";
import { Options } from "@/screens/hospital/Options";
import styles from "@/screens/hospital/Status.module.css";
import { UNTILS, type Until, untilOf } from "@/screens/hospital/until";
import { useDraft } from "@/shell/drafts";
import { useAct } from "@/shell/useAct";
import { Button, Dialog, Field } from "@/ui";

const CAUSES = diversionCauseValues.filter((cause) => cause !== "none");

interface Wish {
  cause: DiversionCause | null;
  until: Until;
  time: string;
}

const EMPTY: Wish = { cause: null, until: "hour", time: "" };

/** Asks the centre to be spared: why, and until when. */
export function Divert({ facility, onClose }: { facility: Facility; onClose: () => void }) {
  const { t } = useTranslation("hospital");
  const label = useLabel();
  const format = useFormat();
  const form = useId();
  const now = useNow();
  const timeZone = useStore(centreStore, (centre) => centre.timeZone);
  const { send, pending } = useAct();
  const [wish, setWish, clear] = useDraft<Wish>(`divert.${facility.id}`, EMPTY);
  const until = untilOf(wish.until, wish.time, now, timeZone);
  const close = () => {
    clear();
    onClose();
  };
  const divert = async (event: FormEvent) => {
    event.preventDefault();
    if (wish.cause === null || until === undefined) return;
    const fields = { facility: facility.id, what: "divert", cause: wish.cause, until } as const;
    if (await send("facility_report", fields, t("status.divert"))) close();
  };
  return (
    <Dialog
      title={t("divert.title")}
      isOpen
      onClose={close}
      wide
      actions={
        <>
          <Button onPress={close}>{t("cancel")}</Button>
          <Button
            kind="primary"
            type="submit"
            form={form}
            isDisabled={pending || wish.cause === null || until === undefined}
          >
            {t("divert.confirm")}
          </Button>
        </>
      }
    >
      <p>{t("divert.text")}</p>
      <form id={form} className={styles.form} onSubmit={(event) => void divert(event)}>
        <Options
          label={t("divert.cause")}
          options={CAUSES.map((value) => ({ value, text: label("diversion_cause", value) }))}
          value={wish.cause}
          onChange={(cause) => setWish({ ...wish, cause })}
          autoFocus
        />
        <Options
          label={t("divert.until")}
          options={UNTILS.map((value) => ({ value, text: t(`until.${value}`) }))}
          value={wish.until}
          onChange={(value) => setWish({ ...wish, until: value })}
        />
        {wish.until === "time" ? (
          <Field
            label={t("divert.time")}
            value={wish.time}
            onChange={(time) => setWish({ ...wish, time })}
            placeholder="14:30"
            error={wish.time !== "" && until === undefined ? t("divert.noTime") : undefined}
          />
        ) : null}
        <p role="status">
          {until === undefined
            ? t("divert.timeMissing")
            : until === null
              ? t("divert.openEnd")
              : t("divert.ends", { time: format.dateTime(until) })}
        </p>
        <button type="submit" hidden tabIndex={-1}>
          {t("divert.confirm")}
        </button>
      </form>
    </Dialog>
  );
}
