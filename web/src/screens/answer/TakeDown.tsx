import type { CommandDone, Seat } from "@schema";
import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { command, newKey, post } from "@/api/client";
import styles from "@/screens/answer/Triage.module.css";
import { useDraft } from "@/shell/drafts";
import { useAct } from "@/shell/useAct";
import { Button, Dialog, Field } from "@/ui";

/** So many Chinese characters fit into what the centre keeps of remarks. */
const REMARKS_MAX = 160;
const EMPTY = { number: "", remarks: "" };

export interface TakeDownProps {
  seat: Seat;
  /** The call that was made; it is answered already. */
  onTaken: (id: number) => void;
  onClose: () => void;
}

/** A call that the telephone exchange does not know: somebody at the door, or on a line of its own. */
export function TakeDown({ seat, onTaken, onClose }: TakeDownProps) {
  const { t } = useTranslation("answer");
  const form = useId();
  const { run, pending } = useAct();
  const [typed, setTyped, clear] = useDraft("answer.takeDown", EMPTY);
  // The same keys when it is pressed again after a failure: there is one call, answered once.
  const [keys] = useState(() => [newKey(), newKey()] as const);
  const take = async () => {
    const { made } = await post<CommandDone>("/api/v1/calls", typed, { key: keys[0] });
    if (made === null) return null;
    await command("call_answer", { call: made, seat: seat.id }, { key: keys[1] });
    return made;
  };
  const close = () => {
    clear();
    onClose();
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const made = await run(take, t("takeDown.title"));
    if (made === null) return;
    close();
    onTaken(made);
  };
  return (
    <Dialog
      title={t("takeDown.title")}
      isOpen
      onClose={close}
      actions={
        <>
          <Button onPress={close}>{t("takeDown.cancel")}</Button>
          <Button kind="primary" type="submit" form={form} isDisabled={pending}>
            {t("takeDown.take")}
          </Button>
        </>
      }
    >
      <p>{t("takeDown.text")}</p>
      <form id={form} className={styles.outcomes} onSubmit={(event) => void submit(event)}>
        <Field
          label={t("takeDown.number")}
          value={typed.number}
          onChange={(number) => setTyped({ ...typed, number })}
          maxLength={40}
          autoComplete="off"
          autoFocus
        />
        <Field
          label={t("caller.remarks")}
          value={typed.remarks}
          onChange={(remarks) => setTyped({ ...typed, remarks })}
          placeholder={t("takeDown.how")}
          maxLength={REMARKS_MAX}
          autoComplete="off"
        />
      </form>
    </Dialog>
  );
}
