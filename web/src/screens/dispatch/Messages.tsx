import type { Message } from "@schema";
import { type FormEvent, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useIds } from "@/live/hooks";
import { entityOf } from "@/live/state";
import { MessageRow } from "@/screens/dispatch/MessageRow";
import styles from "@/screens/dispatch/Messages.module.css";
import { byNews, isNews, useMessagesOf } from "@/screens/dispatch/messages";
import type { Perform } from "@/screens/dispatch/perform";
import { useDraft } from "@/shell/drafts";
import { useQueryId } from "@/shell/router";
import { Button } from "@/ui/Button";
import { Empty } from "@/ui/Empty";
import { Field } from "@/ui/Field";

/** The store keeps some hundred at most; nobody scrolls further back here. */
const SHOWN_MAX = 100;
/** What the server takes. */
const BYTES_MAX = 500;

function Compose({ unit, perform }: { unit: number; perform: Perform }) {
  const { t } = useTranslation("dispatch");
  const [text, setText, clear] = useDraft(`dispatch.message.${unit}`, "");
  const code = entityOf("units", unit)?.code ?? String(unit);
  const tooLong = new TextEncoder().encode(text).length > BYTES_MAX;
  const send = async (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() === "" || tooLong) return;
    const incident = entityOf("units", unit)?.incident ?? null;
    if (await perform({ what: "message", unit, incident, text: text.trim() })) clear();
  };
  return (
    <form className={styles.compose} onSubmit={(event) => void send(event)}>
      <Field
        label={t("message.write", { unit: code })}
        labelHidden
        placeholder={t("message.write", { unit: code })}
        value={text}
        onChange={setText}
        error={tooLong ? t("message.tooLong") : undefined}
      />
      <Button type="submit" isDisabled={text.trim() === "" || tooLong}>
        {t("message.send")}
      </Button>
    </form>
  );
}

export interface MessagesProps {
  incident: number | null;
  perform: Perform;
}

/** What was written to crews and by them: all that is unread, and what is about the incident that is shown. */
export function Messages({ incident, perform }: MessagesProps) {
  const { t } = useTranslation("dispatch");
  const [chosen] = useQueryId("unit");
  useMessagesOf(incident);
  const selection = useMemo(
    () => ({
      where: (message: Message) =>
        isNews(message) || message.incident === incident || message.unit === chosen || message.read_at === null,
      order: byNews,
    }),
    [incident, chosen],
  );
  const ids = useIds("messages", selection);
  const unit = chosen ?? entityOf("incidents", incident)?.missions[0]?.unit ?? null;
  return (
    <div className={styles.messages}>
      {ids.length === 0 ? (
        <Empty title={t("message.none")}>{t("message.noneText")}</Empty>
      ) : (
        <ul className={styles.list}>
          {ids.slice(0, SHOWN_MAX).map((id) => (
            <MessageRow key={id} id={id} perform={perform} />
          ))}
        </ul>
      )}
      {unit === null ? null : <Compose unit={unit} perform={perform} />}
    </div>
  );
}
