import type { BedKind, Facility } from "@schema";
import type { FormEvent } from "react";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLabel } from "@/i18n/labels";
import styles from "@/screens/hospital/Beds.module.css";
import { COUNTED, type Counted, countOf, readTyped, totalOf, typedOf } from "@/screens/hospital/beds";
import { useDraft } from "@/shell/drafts";
import { notify } from "@/shell/notices";
import { useAct } from "@/shell/useAct";
import { Button, Dialog, Field } from "@/ui";

export interface BedCountProps {
  facility: Facility;
  kind: BedKind;
  /** Where the typing begins, and with what. */
  state: Counted;
  typed: string;
  onClose: () => void;
}

/** All beds of a kind counted anew: this alone changes their sum. */
export function BedCount({ facility, kind, state, typed: first, onClose }: BedCountProps) {
  const { t } = useTranslation("hospital");
  const label = useLabel();
  const form = useId();
  const { send, pending } = useAct();
  const beds = facility.beds.find((one) => one.kind === kind);
  // What was there when the counting began: a change in between must not overwrite what is being typed.
  const [initial] = useState(() => ({ ...typedOf(beds), ...(first === "" ? {} : { [state]: first }) }));
  const [typed, setTyped, clear] = useDraft(`beds.${facility.id}.${kind}`, initial);
  const count = readTyped(typed);
  const reserved = beds?.reserved ?? 0;
  const sum = count && COUNTED.reduce((total, one) => total + count[one], reserved);
  const before = beds ? totalOf(beds) : 0;
  const kindName = label("bed_kind", kind);
  const close = () => {
    clear();
    onClose();
  };
  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (!count) return;
    const done = await send(
      "beds_set",
      { facility: facility.id, kind, ...count },
      t("beds.countKind", { kind: kindName }),
    );
    if (!done) return;
    notify({ tone: "ok", text: t("beds.countedNow", { kind: kindName }) });
    close();
  };
  return (
    <Dialog
      title={t("beds.countKind", { kind: kindName })}
      isOpen
      onClose={close}
      actions={
        <>
          <Button onPress={close}>{t("cancel")}</Button>
          <Button kind="primary" type="submit" form={form} isDisabled={pending || !count}>
            {t("beds.save")}
          </Button>
        </>
      }
    >
      <form id={form} className={styles.form} onSubmit={(event) => void save(event)}>
        {COUNTED.map((one) => (
          <Field
            key={one}
            label={label("bed_state", one)}
            value={typed[one]}
            onChange={(text) => setTyped({ ...typed, [one]: text })}
            onFocus={(event) => {
              // A figure is replaced by typing, but for the one that the first key has begun already.
              if (event.target instanceof HTMLInputElement && event.target.value !== first) event.target.select();
            }}
            inputMode="numeric"
            autoFocus={one === state}
            error={typed[one].trim() !== "" && countOf(typed[one]) === null ? t("beds.notACount") : undefined}
            large
          />
        ))}
        <button type="submit" hidden tabIndex={-1}>
          {t("beds.save")}
        </button>
      </form>
      {reserved > 0 ? <p>{t("beds.reservedStand", { count: reserved })}</p> : null}
      <p className={styles.sum}>{t("beds.sum", { before, after: sum ?? "–" })}</p>
    </Dialog>
  );
}
