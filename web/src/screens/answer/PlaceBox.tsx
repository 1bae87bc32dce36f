import type { Call, PlaceFound, Point } from "@schema";
import { type KeyboardEvent, type RefObject, useId, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import { useProblemWords } from "@/api/wording";
import type { CallerWords } from "@/screens/answer/callerWords";
import styles from "@/screens/answer/Place.module.css";
import { PlaceResults } from "@/screens/answer/PlaceResults";
import { pointText, usePlaceAt, usePlaces } from "@/screens/answer/usePlaces";
import { useDraft } from "@/shell/drafts";
import { useKeys } from "@/shell/keys";
import { useAct } from "@/shell/useAct";
import { Badge, Button, KeyHint } from "@/ui";

export interface PlaceBoxProps {
  call: Call;
  /** What the caller of an exercise says of the place. */
  words: CallerWords | null;
  /** Where the last call was: the nearest places come first. */
  near: Point | null;
  fieldRef: RefObject<HTMLInputElement | null>;
  /** A place was taken, and is on its way to the centre: what is typed next belongs to what comes next. */
  onPicked: () => void;
  /** The centre refused it. */
  onRefused: () => void;
}

interface Chosen {
  name: string;
  lon: number;
  lat: number;
}

function Located({ call, chosen, onChange }: { call: Call; chosen: Chosen | null; onChange: () => void }) {
  const { t } = useTranslation("answer");
  const around = usePlaceAt(call.point);
  if (!call.point) return null;
  const coordinates = pointText(call.point);
  const same = chosen?.lon === call.point.lon && chosen.lat === call.point.lat && chosen.name !== coordinates;
  const own = same ? chosen.name : "";
  const road = [around?.road, around?.cross].filter(Boolean).join(" / ");
  return (
    <div className={styles.located}>
      <p className={styles.locatedName}>
        <span aria-hidden="true">◉ </span>
        {own || road || around?.place || coordinates}
      </p>
      <p className={styles.about}>
        {[call.district_name, own && road !== own ? road : "", coordinates].filter(Boolean).join(" · ")}
      </p>
      <Button size="small" kind="quiet" hint="/" onPress={onChange}>
        {t("place.change")}
      </Button>
    </div>
  );
}

/** What the story says, as the first thing found. */
function storyPlace(words: CallerWords | null): PlaceFound | null {
  if (!words?.point) return null;
  const { road, point } = words;
  const nowhere = { matched: "", district: null, district_name: null, distance_m: null };
  return { kind: "", name: road || pointText(point), detail: pointText(point), point, ...nowhere };
}

/** One box for every kind of place: roads, crossings, names, pinyin, coordinates. */
export function PlaceBox({ call, words, near, fieldRef, onPicked, onRefused }: PlaceBoxProps) {
  const { t } = useTranslation("answer");
  const problemWords = useProblemWords();
  const id = useId();
  const [text, setText, clear] = useDraft(`call.${call.id}.place`, "");
  const [chosen, setChosen] = useDraft<Chosen | null>(`call.${call.id}.placeChosen`, null);
  const [gcj02, setGcj02] = useDraft("answer.gcj02", false);
  const [changing, setChanging] = useState(false);
  const [at, setAt] = useState(0);
  // Enter came before what was found.
  const [early, setEarly] = useState(false);
  const { items: found, searched, problem } = usePlaces(text, call.point ?? near, gcj02);
  const { send, pending } = useAct();
  const told = storyPlace(words);
  const items = text.trim() === "" ? (told && !call.point ? [told] : []) : (found ?? []);
  const current = Math.min(at, items.length - 1);

  const pick = async (place: PlaceFound) => {
    const { lon, lat } = place.point;
    setEarly(false);
    onPicked();
    const done = await send("call_locate", { call: call.id, point: { lon, lat } }, t("place.locate"));
    if (!done) return onRefused();
    setChosen({ name: place.name, lon, lat });
    clear();
    setChanging(false);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowDown: current + 1, ArrowUp: current - 1 };
    const to = steps[event.key];
    if (to !== undefined) {
      event.preventDefault();
      setAt(Math.max(0, Math.min(to, items.length - 1)));
    } else if (event.key === "Enter" && !event.nativeEvent.isComposing) {
      event.preventDefault();
      const place = items[current];
      // What was found must belong to what stands in the field.
      if (text.trim() !== "" && searched !== text.trim()) setEarly(true);
      else if (place && !pending) void pick(place);
    } else if (event.key === "Escape" && (text !== "" || changing)) {
      event.preventDefault();
      setEarly(false);
      clear();
      setChanging(false);
      fieldRef.current?.blur();
    }
  };

  const change = () => {
    flushSync(() => setChanging(true));
    fieldRef.current?.focus();
  };
  useKeys(t("title"), [{ keys: "/", text: t("place.search"), run: change }]);

  if (call.point && !changing && text === "") {
    return <Located call={call} chosen={chosen} onChange={change} />;
  }
  return (
    <div className={styles.box}>
      <div className={styles.line}>
        <input
          ref={fieldRef}
          className={styles.field}
          role="combobox"
          aria-label={t("place.search")}
          aria-expanded={items.length > 0}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={items.length > 0 ? `${id}-list-${current}` : undefined}
          placeholder={t("place.placeholder")}
          value={text}
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => {
            setAt(0);
            setEarly(false);
            setText(event.target.value);
          }}
          onKeyDown={onKeyDown}
        />
        <button
          type="button"
          className={styles.datum}
          aria-pressed={gcj02}
          title={t("place.datumText")}
          onClick={() => setGcj02(!gcj02)}
        >
          {gcj02 ? "GCJ-02" : "WGS-84"}
        </button>
      </div>
      {early ? (
        <p className={styles.hint} role="status">
          {t("place.early")}
        </p>
      ) : null}
      {items.length > 0 ? (
        <div className={styles.told}>
          {text.trim() === "" ? (
            <p className={styles.hint}>
              <Badge tone="warn">{t("place.told")}</Badge> <KeyHint keys="Enter" />
            </p>
          ) : null}
          <PlaceResults
            floating={text.trim() !== ""}
            id={`${id}-list`}
            items={items}
            at={current}
            onPick={(place) => void pick(place)}
            onPoint={setAt}
          />
        </div>
      ) : (
        <p className={styles.hint} role="status">
          {problem
            ? problemWords(problem).title
            : text.trim() === ""
              ? t("place.help")
              : found && searched === text.trim()
                ? t("place.none")
                : t("place.searching")}
        </p>
      )}
    </div>
  );
}
