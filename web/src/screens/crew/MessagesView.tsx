import type { Message } from "@schema";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import type { Kept } from "@/lib/kept";
import { act, writeMessage } from "@/screens/crew/acts";
import styles from "@/screens/crew/crew.module.css";
import type { Known } from "@/screens/crew/known";
import { readHere, useMessages, useMessageText, useUnread } from "@/screens/crew/messages";
import { useDraft } from "@/shell/drafts";
import { Button } from "@/ui/Button";
import { classes } from "@/ui/classes";
import { Empty } from "@/ui/Empty";
import { Field } from "@/ui/Field";

const QUICK = ["understood", "delayed", "call", "cannot"] as const;
const BYTES_MAX = 500;

const bytes = (text: string) => new TextEncoder().encode(text).length;

function Text({ id, live }: { id: number; live: boolean }) {
  const { t } = useTranslation("crew");
  const text = useMessageText(id, live);
  return (
    <p className={styles.remarks}>{text || t(text === null && live ? "messages.reading" : "messages.unreadable")}</p>
  );
}

/** What the dispatcher has just written, over everything else, until the crew says that it has read it. */
export function NewMessage({ known, acts, live }: { known: Known; acts: readonly Kept[]; live: boolean }) {
  const { t } = useTranslation("crew");
  const message = useUnread(known.unit.id, acts)[0];
  if (!message || !known.held) return null;
  const read = () => act("message_read", { message: message.id });
  const answer = () => {
    read();
    writeMessage(known.unit.id, message.incident, t("quick.understood"));
  };
  return (
    <section className={styles.fresh} role="alert" aria-label={t("messages.fresh")}>
      <Text key={message.id} id={message.id} live={live} />
      <div className={styles.pair}>
        <Button size="large" onPress={read}>
          {t("messages.read")}
        </Button>
        <Button kind="primary" size="large" onPress={answer}>
          {t("quick.understood")}
        </Button>
      </div>
    </section>
  );
}

function Row({ message, read, live }: { message: Message; read: boolean; live: boolean }) {
  const { t } = useTranslation("crew");
  const format = useFormat();
  const receipt = message.read_at
    ? t("messages.readAt", { time: format.time(message.read_at) })
    : t(read ? "messages.readHere" : "messages.unread");
  return (
    <li className={classes(styles.message, !message.to_crew && styles.own)}>
      <p className={styles.note}>
        {message.to_crew ? t("messages.from") : t("messages.own")} · {format.time(message.sent_at)} · {receipt}
      </p>
      <Text id={message.id} live={live} />
    </li>
  );
}

function Waiting({ acts }: { acts: readonly Kept[] }) {
  const { t } = useTranslation("crew");
  const format = useFormat();
  return acts
    .filter((one) => one.path === "/api/v1/messages")
    .toReversed()
    .map((one) => (
      <li key={one.key} className={classes(styles.message, styles.own)}>
        <p className={styles.note}>
          {t("messages.own")} · {format.time(one.at_ms)} · {t("kept.waits")}
        </p>
        <p className={styles.remarks}>{String(one.body.text)}</p>
      </li>
    ));
}

function Write({ known }: { known: Known }) {
  const { t } = useTranslation("crew");
  const [text, setText, clear] = useDraft(`unit.${known.unit.id}.message`, "");
  const send = (what: string) => writeMessage(known.unit.id, known.mission?.incident ?? null, what);
  const long = bytes(text) > BYTES_MAX;
  return (
    <>
      <div className={styles.quick}>
        {QUICK.map((name) => (
          <button key={name} type="button" className={styles.chip} onClick={() => send(t(`quick.${name}`))}>
            {t(`quick.${name}`)}
          </button>
        ))}
      </div>
      <Field
        label={t("messages.write")}
        rows={2}
        large
        value={text}
        onChange={setText}
        error={long ? t("messages.long") : undefined}
      />
      <Button
        size="large"
        wide
        isDisabled={text.trim() === "" || long}
        onPress={() => {
          send(text.trim());
          clear();
        }}
      >
        {t("messages.send")}
      </Button>
    </>
  );
}

export function MessagesView({ known, acts, live }: { known: Known; acts: readonly Kept[]; live: boolean }) {
  const { t } = useTranslation("crew");
  const messages = useMessages(known.unit.id);
  const here = readHere(acts);
  return (
    <div className={styles.stack}>
      {known.held ? <Write known={known} /> : null}
      <ol className={styles.messages} aria-label={t("tabs.messages")}>
        <Waiting acts={acts} />
        {messages.map((message) => (
          <Row key={message.id} message={message} read={here.has(message.id)} live={live} />
        ))}
      </ol>
      {messages.length === 0 ? <Empty title={t("messages.none")}>{t("messages.noneText")}</Empty> : null}
    </div>
  );
}
