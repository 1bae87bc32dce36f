import type { Call } from "@schema";
import { type RefObject, useState } from "react";
import { useTranslation } from "react-i18next";
import { useProblemWords } from "@/api/wording";
import { type CallerWords, writeRemarks } from "@/screens/answer/callerWords";
import styles from "@/screens/answer/Desk.module.css";
import type { CallerHandle } from "@/screens/answer/useCaller";
import { useDraft } from "@/shell/drafts";
import { useKeys } from "@/shell/keys";
import { Button } from "@/ui";

interface SavedFieldProps {
  draft: string;
  label: string;
  value: string;
  onSave: (value: string) => Promise<boolean>;
  rows?: number;
  fieldRef?: RefObject<HTMLTextAreaElement | null>;
}

/** A field that stores itself when it is left; until then what was typed is a draft. */
function SavedField({ draft, label, value, onSave, rows, fieldRef }: SavedFieldProps) {
  const { t } = useTranslation("answer");
  const [typed, setTyped, clear] = useDraft<string | null>(draft, null);
  const text = typed ?? value;
  const dirty = typed !== null && typed !== value;
  const leave = async () => {
    if (!dirty) clear();
    else if (await onSave(text)) clear();
  };
  const shared = {
    className: styles.field,
    "aria-label": label,
    placeholder: label,
    value: text,
    onBlur: () => void leave(),
  };
  return (
    <span className={styles.saved}>
      {rows ? (
        <textarea {...shared} ref={fieldRef} rows={rows} onChange={(event) => setTyped(event.target.value)} />
      ) : (
        <input {...shared} autoComplete="off" onChange={(event) => setTyped(event.target.value)} />
      )}
      {dirty ? <span className={styles.dirty}>{t("caller.unsaved")}</span> : null}
    </span>
  );
}

/** In an exercise: what the caller says, and what the story's author meant, for those who want to compare. */
function Story({ words }: { words: CallerWords }) {
  const { t } = useTranslation("answer");
  const [shown, setShown] = useState(false);
  return (
    <blockquote className={styles.story}>
      <p className={styles.storyHead}>{t("caller.says")}</p>
      {words.road ? <p className={styles.storyPlace}>{t("caller.at", { road: words.road })}</p> : null}
      {words.meant ? (
        <Button size="small" kind="quiet" onPress={() => setShown(!shown)} aria-expanded={shown}>
          {shown ? t("caller.meant", { meant: words.meant }) : t("caller.showMeant")}
        </Button>
      ) : null}
      <p className={styles.storyText} lang={/\p{Script=Han}/u.test(words.story) ? "zh-CN" : "en"}>
        “{words.story}”
      </p>
    </blockquote>
  );
}

export interface CallerCardProps {
  call: Call;
  handle: CallerHandle;
  words: CallerWords | null;
  notesRef: RefObject<HTMLTextAreaElement | null>;
}

/** What is added comes after what stands there. */
function focusAtEnd(field: HTMLTextAreaElement | null): void {
  field?.focus();
  field?.setSelectionRange(field.value.length, field.value.length);
}

/** Who calls, and what was noted. */
export function CallerCard({ call, handle, words, notesRef }: CallerCardProps) {
  const { t } = useTranslation("answer");
  const problemWords = useProblemWords();
  const { caller, problem, save } = handle;
  const toRemarks = () => focusAtEnd(notesRef.current);
  useKeys(t("title"), [
    // As long as a protocol is to be chosen, the letter alone is a protocol's.
    { keys: "Alt+r", text: t("caller.remarks"), run: toRemarks },
    { keys: "r", text: t("caller.remarks"), run: toRemarks },
  ]);
  if (problem) return <p className={styles.quiet}>{problemWords(problem).title}</p>;
  if (!caller || !words) return <p className={styles.quiet}>{t("triage.loading")}</p>;
  const draft = `call.${call.id}`;
  return (
    <div className={styles.caller}>
      {words.story ? <Story words={words} /> : null}
      <div className={styles.fields}>
        <SavedField
          draft={`${draft}.number`}
          label={t("caller.number")}
          value={caller.number}
          onSave={(number) => save({ number })}
        />
        <SavedField
          draft={`${draft}.name`}
          label={t("caller.name")}
          value={caller.name}
          onSave={(name) => save({ name })}
        />
        <SavedField
          draft={`${draft}.remarks`}
          label={t("caller.remarks")}
          value={words.notes}
          rows={1}
          fieldRef={notesRef}
          onSave={(notes) => save({ remarks: writeRemarks(words, notes) })}
        />
      </div>
    </div>
  );
}
