import type { PlaceFound, Point } from "@schema";
import { type KeyboardEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useProblemWords } from "@/api/wording";
import { PlaceResults } from "@/screens/answer/PlaceResults";
import { pointText, usePlaces } from "@/screens/answer/usePlaces";
import { useEntryHere } from "@/screens/paper/context";
import styles from "@/screens/paper/Paper.module.css";
import { useFaultText } from "@/screens/paper/useFaultText";
import { useDraft } from "@/shell/drafts";

const NEAR: Point | null = null;

/** The same search as in Answer. Enter takes the first that was found; with a place taken, it goes on. */
export function PlaceField() {
  const { t } = useTranslation("paper");
  const entry = useEntryHere();
  const id = useId();
  const problemWords = useProblemWords();
  const [at, setAt] = useState(0);
  const [gcj02, setGcj02] = useDraft("answer.gcj02", false);
  const { placeText: text, place } = entry.fields;
  const error = useFaultText(entry)("place");
  const { items: found, searched, problem } = usePlaces(place ? "" : text, NEAR, gcj02);
  const items = place || searched !== text.trim() ? [] : (found ?? []);
  const current = Math.min(at, items.length - 1);
  const pick = ({ name, point }: PlaceFound) => {
    const called = name || pointText(point);
    entry.set({ place: { name: called, lon: point.lon, lat: point.lat }, placeText: called });
    setAt(0);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const to = event.key === "ArrowDown" ? current + 1 : event.key === "ArrowUp" ? current - 1 : null;
    if (to !== null && items.length > 0) {
      event.preventDefault();
      setAt(Math.max(0, Math.min(to, items.length - 1)));
    } else if (
      event.key === "Enter" &&
      !event.ctrlKey &&
      !place &&
      text.trim() !== "" &&
      !event.nativeEvent.isComposing
    ) {
      // Nobody goes on without the place by chance: Tab does, and what was typed stays.
      event.preventDefault();
      const one = items[current];
      if (one) pick(one);
    }
  };
  const note = () => {
    if (place) return `◉ ${pointText(place)}`;
    if (text.trim() === "") return t("place.help");
    if (problem) return problem.isPassing ? t("place.later") : problemWords(problem).title;
    if (searched !== text.trim()) return t("place.searching");
    return found?.length === 0 ? t("place.none") : t("place.choose");
  };
  return (
    <div className={styles.place} data-field="place">
      <label className={styles.label} htmlFor={id}>
        {t("field.place")}
      </label>
      <div className={styles.line}>
        <input
          id={id}
          className={styles.input}
          role="combobox"
          aria-expanded={items.length > 0}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={items.length > 0 ? `${id}-list-${current}` : undefined}
          aria-invalid={Boolean(error)}
          aria-describedby={`${id}-note`}
          value={text}
          spellCheck={false}
          autoComplete="off"
          maxLength={200}
          onChange={(event) => {
            setAt(0);
            entry.set({ placeText: event.target.value, place: null });
          }}
          onKeyDown={onKeyDown}
          onBlur={() => entry.leave("place")}
        />
        <button
          type="button"
          tabIndex={-1}
          className={styles.datum}
          aria-pressed={gcj02}
          title={t("place.datum")}
          onClick={() => setGcj02(!gcj02)}
        >
          {gcj02 ? "GCJ-02" : "WGS-84"}
        </button>
      </div>
      <p className={error ? styles.error : styles.help} id={`${id}-note`} role="status">
        {error ? `${error} ${place ? "" : note()}` : note()}
      </p>
      {items.length > 0 ? (
        <div className={styles.found}>
          <PlaceResults id={`${id}-list`} items={items} at={current} floating={false} onPick={pick} onPoint={setAt} />
        </div>
      ) : null}
    </div>
  );
}
