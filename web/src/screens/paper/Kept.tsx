import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Problem, type ProblemDetails } from "@/api/problem";
import { useProblemWords } from "@/api/wording";
import type { FormFields } from "@/screens/paper/fields";
import { formOf, takeBack, useOutbox } from "@/screens/paper/outbox";
import styles from "@/screens/paper/Paper.module.css";
import { Badge, Button, Dialog, Panel } from "@/ui";

export interface Aside {
  key: string;
  fields: FormFields;
}

export interface KeptProps {
  aside: readonly Aside[];
  /** False: another form is being typed, and would be lost. */
  canOpen: boolean;
  onOpen: (fields: FormFields, refused?: ProblemDetails) => void;
  onTake: (key: string) => void;
}

interface Unwanted {
  name: string;
  discard: () => void;
}

/** A form that was typed twice, or by somebody else in between, is not to be emptied field by field. */
function DiscardDialog({ unwanted, onClose }: { unwanted: Unwanted | null; onClose: () => void }) {
  const { t } = useTranslation("paper");
  const discard = () => {
    unwanted?.discard();
    onClose();
  };
  return (
    <Dialog
      title={t("kept.discardTitle", { form: unwanted?.name ?? "" })}
      isOpen={unwanted !== null}
      onClose={onClose}
      firm
      actions={
        <>
          <Button onPress={onClose} autoFocus>
            {t("kept.keep")}
          </Button>
          <Button kind="danger" onPress={discard}>
            {t("kept.discard")}
          </Button>
        </>
      }
    >
      <p>{t("kept.discardText")}</p>
    </Dialog>
  );
}

/** What was put aside, what waits for the centre, and what the centre refused when it was there again. */
export function Kept({ aside, canOpen, onOpen, onTake }: KeptProps) {
  const { t } = useTranslation("paper");
  const problemWords = useProblemWords();
  const { items, volatile } = useOutbox();
  const [unwanted, setUnwanted] = useState<Unwanted | null>(null);
  const askFor = (fields: FormFields, discard: () => void) => (
    <Button size="small" kind="quiet" onPress={() => setUnwanted({ name: nameOf(fields), discard })}>
      {t("kept.discard")}
    </Button>
  );
  if (items.length + aside.length === 0) return null;
  const nameOf = (fields: FormFields) => fields.form.trim() || t("kept.noNumber");
  return (
    <Panel title={t("kept.title")} count={items.length + aside.length} className={styles.kept} scrolls>
      <ul className={styles.keptList}>
        {items.map((item) => {
          const { fields } = formOf(item);
          const { refusal } = item;
          return (
            <li key={item.key} className={styles.keptRow}>
              <b>{nameOf(fields)}</b>
              <Badge tone={refusal ? "bad" : "warn"}>
                {refusal ? `✕ ${t("kept.refused")}` : `◷ ${t("kept.waits")}`}
              </Badge>
              {refusal ? (
                <>
                  <span className={styles.error}>{problemWords(new Problem(refusal)).title}</span>
                  <Button
                    size="small"
                    isDisabled={!canOpen}
                    onPress={() => {
                      onOpen(fields, refusal);
                      void takeBack(item.key);
                    }}
                  >
                    {t("kept.mend")}
                  </Button>
                  {askFor(fields, () => void takeBack(item.key))}
                </>
              ) : null}
            </li>
          );
        })}
        {aside.map(({ key, fields }) => (
          <li key={key} className={styles.keptRow}>
            <b>{nameOf(fields)}</b>
            <Badge>▱ {t("kept.aside")}</Badge>
            <Button
              size="small"
              isDisabled={!canOpen}
              onPress={() => {
                onOpen(fields);
                onTake(key);
              }}
            >
              {t("kept.open")}
            </Button>
            {askFor(fields, () => onTake(key))}
          </li>
        ))}
      </ul>
      <p className={styles.explain}>{volatile ? t("kept.volatile") : canOpen ? t("kept.help") : t("kept.busy")}</p>
      <DiscardDialog unwanted={unwanted} onClose={() => setUnwanted(null)} />
    </Panel>
  );
}
