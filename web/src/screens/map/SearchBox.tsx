import type { PlaceFound, PlacesFound, Point } from "@schema";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { get } from "@/api/client";
import styles from "@/screens/map/SearchBox.module.css";
import { useKeys } from "@/shell/keys";
import { classes } from "@/ui/classes";
import { KeyHint } from "@/ui/KeyHint";

const WAIT_MS = 150;
const SHOWN_MAX = 8;

interface Answered {
  text: string;
  items: readonly PlaceFound[];
}

/** What the typed text finds, a moment after the last key. */
function usePlaces(text: string): Answered | null {
  const [answered, setAnswered] = useState<Answered | null>(null);
  useEffect(() => {
    if (text.trim() === "") return setAnswered(null);
    const ended = new AbortController();
    const timer = setTimeout(() => {
      const path = `/api/v1/places?q=${encodeURIComponent(text.trim())}&limit=${SHOWN_MAX}`;
      get<PlacesFound>(path, { signal: ended.signal, tryFor_ms: 3_000 }).then(
        ({ items }) => setAnswered({ text, items }),
        () => !ended.signal.aborted && setAnswered({ text, items: [] }),
      );
    }, WAIT_MS);
    return () => {
      clearTimeout(timer);
      ended.abort();
    };
  }, [text]);
  return answered;
}

function Choice({ place, id, active, choose }: { place: PlaceFound; id: string; active: boolean; choose: () => void }) {
  const { t } = useTranslation("map");
  return (
    <li
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={active}
      className={classes(styles.choice, active && styles.active)}
      onMouseDown={(event) => event.preventDefault()}
      onClick={choose}
    >
      <span className={styles.name}>{place.name}</span>
      <span className={styles.kind}>
        {[t(`places.${place.kind}`), place.matched, place.district_name].filter(Boolean).join(" · ")}
      </span>
    </li>
  );
}

export interface SearchBoxProps {
  onFind: (point: Point, label: string) => void;
  onClear: () => void;
}

/** Finds roads, crossings, places, stations and coordinates. */
export function SearchBox({ onFind, onClear }: SearchBoxProps) {
  const { t } = useTranslation("map");
  const [text, setText] = useState("");
  const [active, setActive] = useState(0);
  const [open, setOpen] = useState(false);
  const [entered, setEntered] = useState(false);
  const answered = usePlaces(open ? text : "");
  const input = useRef<HTMLInputElement>(null);
  const list = useId();
  const items = answered?.items ?? [];
  const shown = open && answered !== null;
  useKeys(t("keys.title"), [{ keys: "/", text: t("search.label"), run: () => input.current?.select() }]);
  const choose = (place: PlaceFound) => {
    setText(place.name);
    setOpen(false);
    onFind(place.point, place.name);
    input.current?.blur();
  };
  // Enter was quicker than the answer: it means what the whole text finds, not what a part of it found.
  useEffect(() => {
    if (!entered || answered?.text !== text) return;
    setEntered(false);
    const [first] = answered.items;
    if (!first) return;
    setText(first.name);
    setOpen(false);
    onFind(first.point, first.name);
    input.current?.blur();
  }, [entered, answered, text, onFind]);
  const clear = () => {
    setText("");
    setOpen(false);
    onClear();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const place = items[active];
    const isOld = open && answered?.text !== text;
    if (step) setActive((now) => Math.min(items.length - 1, Math.max(0, now + step)));
    else if (event.key === "Enter" && isOld) setEntered(true);
    else if (event.key === "Enter" && place) choose(place);
    else if (event.key === "Escape") {
      clear();
      input.current?.blur();
    } else return;
    event.preventDefault();
  };
  return (
    <div className={styles.search}>
      <div className={styles.box}>
        <input
          ref={input}
          className={styles.input}
          role="combobox"
          aria-label={t("search.label")}
          aria-expanded={shown}
          aria-controls={list}
          aria-activedescendant={shown && items[active] ? `${list}-${active}` : undefined}
          placeholder={t("search.placeholder")}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setActive(0);
            setEntered(false);
            setOpen(true);
          }}
          onKeyDown={onKeyDown}
        />
        {text ? (
          <button type="button" className={styles.clear} aria-label={t("search.clear")} onClick={clear}>
            ×
          </button>
        ) : (
          <KeyHint keys="/" />
        )}
      </div>
      {shown ? (
        <div className={styles.list}>
          <ul id={list} role="listbox" aria-label={t("search.label")}>
            {items.map((place, i) => (
              <Choice
                key={`${place.kind} ${place.name} ${place.point.lon} ${place.point.lat}`}
                id={`${list}-${i}`}
                place={place}
                active={i === active}
                choose={() => choose(place)}
              />
            ))}
          </ul>
          {items.length === 0 ? <p className={styles.none}>{t("search.none")}</p> : null}
        </div>
      ) : null}
    </div>
  );
}
