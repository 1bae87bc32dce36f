import { useEffect, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { useLabel } from "@/i18n/labels";
import { loadProtocol } from "@/screens/answer/protocols";
import type { History } from "@/screens/review/asks";
import type { Names } from "@/screens/review/names";
import { PaperMark } from "@/screens/review/PaperMark";
import styles from "@/screens/review/Review.module.css";
import { useStepWords } from "@/screens/review/stepWords";
import { formOf, protocolsOf, type Step, storyOf, TOLD_LATE_S } from "@/screens/review/story";
import type { Answer } from "@/screens/review/useAnswer";
import { useFocusHere } from "@/screens/review/useFocusHere";
import { useFigureWords } from "@/screens/review/words";
import { setQuery } from "@/shell/router";
import { Badge, Button, classes, Empty } from "@/ui";

/** What a step is about, by the letter that marks it. */
const ABOUT: readonly [prefix: RegExp, about: "call" | "triage" | "alarm" | "message" | "unit" | "incident"][] = [
  [/^(answer|triage|milestone)/, "triage"],
  [/^call_/, "call"],
  [/^alarm/, "alarm"],
  [/^message/, "message"],
  [/^(unit|mission|destination|patient|prealert)_/, "unit"],
];

function aboutOf(name: string) {
  if (name === "units_recommended") return "incident";
  return ABOUT.find(([prefix]) => prefix.test(name))?.[1] ?? "incident";
}

function Who({ step, actors }: { step: Step; actors: ReadonlyMap<number, string> }) {
  const label = useLabel();
  const name = actors.get(step.actor);
  return (
    <span className={styles.who}>
      {label("actor_kind", step.actorKind)}
      {name ? ` · ${name}` : null}
    </span>
  );
}

function Late({ step }: { step: Step }) {
  const { t } = useTranslation("review");
  const format = useFormat();
  const words = useFigureWords();
  const told_s = (step.told_ms - step.at_ms) / 1000;
  return (
    <>
      {step.late ? (
        <Badge tone="bad">
          {t(`late.${step.late.name}`, { took: words.time(step.late.took_s), limit: words.time(step.late.limit_s) })}
        </Badge>
      ) : null}
      {told_s > TOLD_LATE_S && !step.onPaper ? (
        <Badge>{t("toldLate", { at: format.timeSeconds(step.told_ms) })}</Badge>
      ) : null}
    </>
  );
}

function StepLine({ step, history, names }: { step: Step; history: History; names: Names }) {
  const { t } = useTranslation("review");
  const format = useFormat();
  const words = useFigureWords();
  const { title, lines, grave } = useStepWords(names)(step.name, step.data);
  const about = aboutOf(step.name);
  return (
    <li className={styles.step}>
      <span className={styles.stepTime}>
        <time dateTime={new Date(step.at_ms).toISOString()}>{format.timeSeconds(step.at_ms)}</time>
        <span className={styles.small} title={t("story.since")}>
          {words.time(step.since_s)}
        </span>
      </span>
      <span className={classes(styles.dot, styles[about], (grave || step.late) && styles.dotBad)} aria-hidden="true">
        {t(`about.${about}`)}
      </span>
      <div className={styles.stepBody}>
        <p className={classes(styles.stepTitle, grave && styles.grave)}>
          {title}
          <Late step={step} />
        </p>
        {lines.length > 0 ? (
          <ul className={styles.lines}>
            {lines.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        ) : null}
        <Who step={step} actors={history.actors} />
      </div>
      <span className={styles.delta} title={t("story.delta")}>
        {step.delta_s >= 1 ? `+${words.time(step.delta_s)}` : null}
      </span>
    </li>
  );
}

function Nothing({ incident, history }: { incident: number | null; history: Answer<History> }) {
  const { t } = useTranslation("review");
  if (incident === null) return <Empty title={t("story.none")}>{t("story.noneText")}</Empty>;
  if (history.problem)
    return (
      <Empty title={t("story.failed", { id: incident })} action={<Button onPress={history.again}>{t("again")}</Button>}>
        {history.problem.name === "unknown_entity" ? t("story.unknown") : history.problem.details.detail}
      </Empty>
    );
  return <Empty title={t("loading")} />;
}

export function useStory(history: History | null): Step[] {
  const steps = useMemo(() => storyOf(history?.items ?? []), [history]);
  useEffect(() => {
    for (const [number, version] of protocolsOf(steps)) void loadProtocol(number, version);
  }, [steps]);
  return steps;
}

interface StepsProps {
  incident: number;
  steps: readonly Step[];
  history: History;
  names: Names;
}

function Steps({ incident, steps, history, names }: StepsProps) {
  const { t } = useTranslation("review");
  const here = useFocusHere<HTMLOListElement>();
  return (
    <ol ref={here} className={styles.steps} tabIndex={0} aria-label={t("story.title", { id: incident })}>
      {steps.map((step) => (
        <StepLine key={step.key} step={step} history={history} names={names} />
      ))}
    </ol>
  );
}

interface StoryProps {
  incident: number | null;
  history: Answer<History>;
  steps: readonly Step[];
  names: Names;
}

/** An incident from the first ring to the end, as the journal has it. */
export function Story({ incident, history, steps, names }: StoryProps) {
  const { t } = useTranslation("review");
  const told = history.value;
  if (incident === null || !told || told.items[0] === undefined)
    return <Nothing incident={incident} history={history} />;
  const late = steps.filter((step) => step.late).length;
  const form = formOf(steps);
  return (
    <div className={styles.story}>
      <header className={styles.storyHead}>
        <h3 className={styles.storyTitle}>{t("story.title", { id: incident })}</h3>
        <span className={styles.small}>{t("story.steps", { count: steps.length })}</span>
        {form === null ? null : <PaperMark form={form} />}
        {late > 0 ? <Badge tone="bad">{t("story.late", { count: late })}</Badge> : null}
        <Button size="small" onPress={() => setQuery({ tab: "replay", at: null, length: null }, false)}>
          {t("story.replay")}
        </Button>
      </header>
      <Steps incident={incident} steps={steps} history={told} names={names} />
    </div>
  );
}
