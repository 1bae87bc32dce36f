import { type KeyboardEvent, useCallback, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { newKey } from "@/api/client";
import { Problem } from "@/api/problem";
import { useProblemWords } from "@/api/wording";
import { formText } from "@/lib/form";
import { useConnection } from "@/live/hooks";
import { CallPart } from "@/screens/paper/CallPart";
import type { FieldId } from "@/screens/paper/check";
import { EntryContext } from "@/screens/paper/context";
import { Entered } from "@/screens/paper/Entered";
import { focusField, nextStop } from "@/screens/paper/fieldIds";
import { type Aside, Kept } from "@/screens/paper/Kept";
import { OutageBar } from "@/screens/paper/OutageBar";
import { startOutbox } from "@/screens/paper/outbox";
import styles from "@/screens/paper/Paper.module.css";
import { UnitPart } from "@/screens/paper/UnitPart";
import { type Entry, fieldsOf, useEntry } from "@/screens/paper/useEntry";
import { useLists } from "@/screens/paper/useLists";
import { useOutage } from "@/screens/paper/useOutage";
import { useDraft } from "@/shell/drafts";
import { useKeys } from "@/shell/keys";
import { Button, Panel } from "@/ui";

const NONE: Aside[] = [];

/** What became of the last form, and what is wrong that belongs to no field. */
function Told({ entry }: { entry: Entry }) {
  const { t } = useTranslation("paper");
  const problemWords = useProblemWords();
  const { told, refused, fields } = entry;
  if (refused && fieldsOf(refused.problem.name, fields.units.length).length === 0) {
    const { title, more } = problemWords(new Problem(refused.problem));
    return (
      <p className={styles.error} role="alert">
        ✕ {title} {more || refused.problem.detail}
      </p>
    );
  }
  return (
    <p className={styles.told} role="status">
      {told === null
        ? ""
        : "kept" in told
          ? `◷ ${t("told.kept", { form: formText(told.form) })}`
          : `✓ ${t("told.entered", { form: formText(told.form), call: told.call })}`}
    </p>
  );
}

function useAside(entry: Entry) {
  const [aside, setAside] = useDraft<Aside[]>("paper.aside", NONE);
  const put = () => {
    if (entry.isEmpty) return;
    setAside([...aside, { key: newKey(), fields: entry.fields }]);
    entry.clear();
  };
  return { aside, put, take: (key: string) => setAside(aside.filter((one) => one.key !== key)) };
}

export default function PaperScreen() {
  const { t } = useTranslation("paper");
  const form = useRef<HTMLFormElement>(null);
  const outage = useOutage();
  const lists = useLists();
  const { cut } = useConnection();
  // Once the page has shown what is wrong.
  const focusWrong = useCallback((fields: readonly FieldId[]) => {
    requestAnimationFrame(() => focusField(form.current, fields));
  }, []);
  const entry = useEntry(outage, lists, focusWrong);
  const { aside, put, take } = useAside(entry);
  // Words of the list of places: waited for now, for a page that waits later loses the focus, and the centre may be gone then.
  useTranslation("answer");
  useEffect(startOutbox, []);
  const asideAndOn = () => {
    put();
    focusWrong(["form"]);
  };
  useKeys(t("title"), [
    { keys: "Ctrl+Enter", text: t("keys.enter"), run: () => void entry.enter() },
    { keys: "Alt+u", text: t("unit.add"), run: entry.addUnit },
    { keys: "Alt+p", text: t("keys.aside"), run: asideAndOn },
    { keys: "Enter", text: t("keys.next"), run: () => {}, disabled: true },
  ]);
  const onKeyDown = (event: KeyboardEvent<HTMLFormElement>) => {
    if (event.key !== "Enter" || event.defaultPrevented || event.nativeEvent.isComposing) return;
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const target = event.target as HTMLElement;
    if (target.closest("button")) return;
    event.preventDefault();
    const next = form.current ? nextStop(form.current, target, event.shiftKey) : null;
    if (next) next.focus();
    else if (!event.shiftKey) form.current?.querySelector<HTMLElement>("[data-submit] button")?.focus();
  };
  return (
    <EntryContext value={entry}>
      <div className={styles.screen}>
        <OutageBar outage={outage} />
        <form
          ref={form}
          className={styles.columns}
          onKeyDown={onKeyDown}
          onSubmit={(event) => event.preventDefault()}
          aria-label={t("form.title")}
        >
          <Panel title={t("form.title")} count={entry.form === null ? undefined : formText(entry.form)} padded>
            <CallPart lists={lists} />
          </Panel>
          <UnitPart lists={lists} />
          <div className={styles.side}>
            <div className={styles.acts}>
              <span data-submit="">
                <Button
                  kind="primary"
                  wide
                  hint="Ctrl+Enter"
                  onPress={() => void entry.enter()}
                  isDisabled={entry.pending}
                >
                  {cut ? t("enterLater") : t("enter")}
                </Button>
              </span>
              <Button hint="Alt+p" onPress={asideAndOn} isDisabled={entry.isEmpty}>
                {t("aside")}
              </Button>
            </div>
            <Told entry={entry} />
            <Kept aside={aside} canOpen={entry.isEmpty} onOpen={entry.open} onTake={take} />
            <Entered outage={outage.outage} last={entry.told && "call" in entry.told ? entry.told.call : 0} />
          </div>
        </form>
      </div>
    </EntryContext>
  );
}
