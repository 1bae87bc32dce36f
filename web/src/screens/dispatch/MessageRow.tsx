import type { Message } from "@schema";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { useEntity } from "@/live/hooks";
import styles from "@/screens/dispatch/MessageRow.module.css";
import { isNews, useMessageText } from "@/screens/dispatch/messages";
import type { Perform } from "@/screens/dispatch/perform";
import { beginLine } from "@/screens/dispatch/store";
import { Button } from "@/ui/Button";

function ReadState({ message }: { message: Message }) {
  const { t } = useTranslation("dispatch");
  const format = useFormat();
  if (message.read_at === null) return <span className={styles.unread}>{t("message.unread")}</span>;
  return <span>{t("message.read", { at: format.time(message.read_at), name: message.read_by?.name ?? "" })}</span>;
}

/** One message with its text, who has read it, and the answer. */
export function MessageRow({ id, perform }: { id: number; perform: Perform }) {
  const { t } = useTranslation("dispatch");
  const format = useFormat();
  const message = useEntity("messages", id);
  const { text, failed } = useMessageText(id);
  if (!message) return null;
  const unit = message.unit_code ?? String(message.unit);
  return (
    <li className={styles.message} data-mine={message.to_crew || undefined}>
      <p className={styles.head}>
        <b>{t(message.to_crew ? "message.to" : "message.from", { unit })}</b>
        {message.incident === null ? null : <span>{t("number", { id: message.incident })}</span>}
        <time>{format.time(message.sent_at)}</time>
      </p>
      <p className={styles.text}>{text ?? t(failed ? "message.gone" : "loading")}</p>
      <p className={styles.foot}>
        <ReadState message={message} />
        {isNews(message) ? (
          <>
            <Button size="small" kind="primary" onPress={() => void perform({ what: "read", message: id })}>
              {t("message.markRead")}
            </Button>
            <Button size="small" onPress={() => beginLine(`msg ${unit} `)}>
              {t("message.answer")}
            </Button>
          </>
        ) : null}
      </p>
    </li>
  );
}
