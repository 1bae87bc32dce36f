import type { TimelineEvent } from "@schema";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { centreStore } from "@/api/centre";
import { useFormat } from "@/i18n/format";
import { MapView, type Target } from "@/map";
import { Curve } from "@/screens/review/Curve";
import type { Names } from "@/screens/review/names";
import { fieldOf, instantOfField } from "@/screens/review/period";
import styles from "@/screens/review/Review.module.css";
import { useStepWords } from "@/screens/review/stepWords";
import { useFocusHere } from "@/screens/review/useFocusHere";
import { LENGTHS_MIN, type Replay as ReplayState, SPEEDS } from "@/screens/review/useReplay";
import { useKeys } from "@/shell/keys";
import { setQuery, useRoute } from "@/shell/router";
import { Button, Empty, Select } from "@/ui";
import { DateField } from "@/ui/DateField";

const EVENTS_SHOWN = 60;
/** Told by what stands beside it, in a list of what happens. */
const PLAIN = new Set(["call_linked", "call_closed", "units_requested"]);

function When({ replay }: { replay: ReplayState }) {
  const { t } = useTranslation("review");
  const { query } = useRoute();
  const timeZone = useStore(centreStore, (centre) => centre.timeZone);
  const { from_ms, to_ms } = replay.period;
  const minutes = Math.round((to_ms - from_ms) / 60_000);
  const known = LENGTHS_MIN.find((one) => one === minutes);
  const choose = (at_ms: number | null, length: number) => {
    if (at_ms !== null) setQuery({ at: at_ms, length });
  };
  return (
    <div className={styles.when}>
      <DateField
        label={t("replay.from")}
        withTime
        value={fieldOf(from_ms, timeZone)}
        onChange={(value) => choose(instantOfField(value, timeZone), known ?? 60)}
      />
      <Select
        label={t("replay.length")}
        value={known ? String(known) : null}
        placeholder={t("replay.minutes", { count: minutes })}
        onChange={(value) => choose(from_ms, Number(value))}
        choices={LENGTHS_MIN.map((one) => ({ value: String(one), text: t("replay.minutes", { count: one }) }))}
      />
      {query.at && query.incident ? (
        <Button onPress={() => setQuery({ at: null, length: null })}>
          {t("replay.ofIncident", { id: query.incident })}
        </Button>
      ) : null}
    </div>
  );
}

function useReplayKeys(replay: ReplayState): void {
  const { t } = useTranslation("review");
  const { index, setIndex, playing, setPlaying, speed, setSpeed } = replay;
  const faster = (by: 1 | -1) => {
    const at = SPEEDS.findIndex((one) => one >= speed);
    setSpeed(SPEEDS[Math.max(0, Math.min(SPEEDS.length - 1, at + by))] ?? 1);
  };
  const none = replay.film === null;
  useKeys(t("replay.keys"), [
    {
      keys: "Space",
      text: playing ? t("replay.pause") : t("replay.play"),
      run: () => setPlaying(!playing),
      disabled: none,
    },
    { keys: ",", text: t("replay.back"), run: () => setIndex(index - 1), disabled: none, repeats: true },
    { keys: ".", text: t("replay.on"), run: () => setIndex(index + 1), disabled: none, repeats: true },
    { keys: "+", text: t("replay.faster"), run: () => faster(1), disabled: none },
    { keys: "-", text: t("replay.slower"), run: () => faster(-1), disabled: none },
  ]);
}

function Controls({ replay }: { replay: ReplayState }) {
  const { t } = useTranslation("review");
  const format = useFormat();
  const { film, index, setIndex, playing, setPlaying, speed, setSpeed, timeline } = replay;
  const here = useFocusHere<HTMLInputElement>();
  const at = timeline.value?.frames[index]?.at;
  if (!film || !timeline.value) return null;
  return (
    <div className={styles.controls}>
      <div className={styles.controlRow}>
        <Button kind="primary" hint="Space" onPress={() => setPlaying(!playing)}>
          {playing ? t("replay.pause") : t("replay.play")}
        </Button>
        <Button icon aria-label={t("replay.back")} onPress={() => setIndex(index - 1)}>
          ‹
        </Button>
        <Button icon aria-label={t("replay.on")} onPress={() => setIndex(index + 1)}>
          ›
        </Button>
        <span className={styles.clock}>{format.timeSeconds(at)}</span>
        <span className={styles.small}>{format.date(at)}</span>
        <div className={styles.speed}>
          <Select
            label={t("replay.speed")}
            labelHidden
            value={String(speed)}
            onChange={(value) => setSpeed(Number(value))}
            choices={SPEEDS.map((one) => ({
              value: String(one),
              text: t("replay.times", { count: one * 4 * (timeline.value?.step_s ?? 1) }),
            }))}
          />
        </div>
      </div>
      <input
        ref={here}
        className={styles.scrubber}
        type="range"
        min={0}
        max={Math.max(0, film.count - 1)}
        value={index}
        aria-label={t("replay.scrubber")}
        aria-valuetext={format.timeSeconds(at)}
        onChange={(event) => setIndex(Number(event.target.value))}
      />
      <Curve timeline={timeline.value} index={index} />
    </div>
  );
}

function Happened({ events, names }: { events: readonly TimelineEvent[]; names: Names }) {
  const { t } = useTranslation("review");
  const format = useFormat();
  const words = useStepWords(names);
  return (
    <div className={styles.happened}>
      <h3 className={styles.happenedTitle}>{t("replay.happened")}</h3>
      {events.length === 0 ? <p className={styles.explain}>{t("replay.nothing")}</p> : null}
      <ol className={styles.events}>
        {events.map((event) => {
          const what = event.what as Record<string, unknown>;
          const name = String(what.event);
          const incident = event.incident ?? Number(what.incident ?? 0);
          const said = words(name, { ...what, ...(event.unit ? { unit: event.unit } : {}) });
          return (
            <li key={`${event.at} ${what.sequence} ${name} ${JSON.stringify(what)}`} className={styles.event}>
              <time className={styles.small}>{format.timeSeconds(event.at)}</time>
              <span className={said.grave ? styles.grave : undefined}>{said.title}</span>
              {incident > 0 ? (
                <Button kind="quiet" size="small" onPress={() => setQuery({ incident, tab: "story" }, false)}>
                  {t("calls.incident", { id: incident })}
                </Button>
              ) : null}
            </li>
          );
        })}
      </ol>
    </div>
  );
}

function useHappened(replay: ReplayState): readonly TimelineEvent[] {
  const { index } = replay;
  const frames = replay.timeline.value?.frames;
  return useMemo(() => {
    const events: TimelineEvent[] = [];
    for (let i = index; frames && i >= 0 && events.length < EVENTS_SHOWN; i--) {
      const told = (frames[i]?.events ?? []).filter((one) => !PLAIN.has(String((one.what as { event: string }).event)));
      events.push(...[...told].reverse());
    }
    return events;
  }, [frames, index]);
}

function Nothing({ replay }: { replay: ReplayState }) {
  const { t } = useTranslation("review");
  const { problem, again } = replay.timeline;
  if (!problem) return <Empty title={t("replay.loading")}>{t("replay.loadingText")}</Empty>;
  if (problem.name === "not_allowed") return <Empty title={t("replay.failed")}>{t("replay.notAllowed")}</Empty>;
  return (
    <Empty title={t("replay.failed")} action={<Button onPress={again}>{t("again")}</Button>}>
      {problem.details.detail}
    </Empty>
  );
}

/** The map of a past hour, as the consoles showed it. */
export function Replay({ replay, names, incident }: { replay: ReplayState; names: Names; incident: number | null }) {
  const { t } = useTranslation("review");
  useReplayKeys(replay);
  const frame = useMemo(() => replay.film?.frame(replay.index) ?? null, [replay.film, replay.index]);
  const happened = useHappened(replay);
  const selected = useMemo<Target | null>(
    () => (incident === null ? null : { kind: "incident", id: incident }),
    [incident],
  );
  const select = (target: Target | null) => {
    if (target?.kind === "incident") setQuery({ incident: target.id });
  };
  return (
    <div className={styles.replay}>
      <When replay={replay} />
      {frame ? (
        <>
          <div className={styles.scene}>
            <div className={styles.map}>
              <MapView
                label={t("replay.map")}
                units={frame.units}
                incidents={frame.incidents}
                selected={selected}
                onSelect={select}
              />
            </div>
            <Happened events={happened} names={names} />
          </div>
          <Controls replay={replay} />
        </>
      ) : (
        <Nothing replay={replay} />
      )}
    </div>
  );
}
