// The story of an incident: entries of the journal become steps in the order in which things happened, with the time since the step
// before and what took longer than the targets allow.
import { type ActorKind, type Entry, indicatorDefinitions } from "@schema";
import { stepsOfPaper } from "@/screens/review/paperStory";

export interface Step {
  key: string;
  /** When it happened; when it was told, if that is later. */
  at_ms: number;
  told_ms: number;
  name: string;
  data: Readonly<Record<string, unknown>>;
  actorKind: ActorKind;
  actor: number;
  /** Seconds since the step before, and since the first ring. */
  delta_s: number;
  since_s: number;
  /** Beyond a target: which one, how long it took. */
  late: { name: string; limit_s: number; took_s: number } | null;
  /** It stood on a form; when that was entered, a step of its own tells. */
  onPaper?: boolean;
}

// What only asks, or repeats in other words what stands beside it.
const LEFT_OUT = new Set(["travel_asked", "facility_asked", "question_asked", "triage_ended", "triage_begun"]);

/** So much later than it happened: worth saying. */
export const TOLD_LATE_S = 5;

function limit(name: string): number {
  const definition = indicatorDefinitions.find((one) => one.name === name);
  return definition?.limit_s ?? definition?.target ?? Number.POSITIVE_INFINITY;
}

interface Rule {
  name: string;
  limit_s: number;
  /** What begins the time, and what ends it: the same key. */
  from: (step: Step) => string | null;
  to: (step: Step) => string | null;
}

const id = (step: Step, name: string) => String(step.data[name] ?? "");
const on = (name: string, key: string) => (step: Step) => (step.name === name ? id(step, key) : null);
const stage = (of: string) => (step: Step) =>
  step.name === "mission_progressed" && step.data.stage === of ? id(step, "mission") : null;
const mark = (of: string) => (step: Step) =>
  step.name === "milestone_reached" && (step.data.marks as string[] | undefined)?.includes(of)
    ? id(step, "call")
    : null;

const RULES: readonly Rule[] = [
  {
    name: "answered_10s",
    limit_s: limit("answered_10s"),
    from: on("call_offered", "call"),
    to: on("call_answered", "call"),
  },
  {
    name: "processing_60s",
    limit_s: limit("processing_60s"),
    from: (step) => (step.name === "call_answered" ? "first" : null),
    to: (step) => (step.name === "unit_assigned" ? "first" : null),
  },
  { name: "departed_3min", limit_s: limit("departed_3min"), from: on("unit_assigned", "mission"), to: stage("depart") },
  { name: "handover_15min", limit_s: limit("handover_15min"), from: stage("reach_facility"), to: stage("hand_over") },
  {
    name: "recognition_p50",
    limit_s: limit("recognition_p50"),
    from: on("call_answered", "call"),
    to: mark("arrest_recognised"),
  },
  {
    name: "first_compression_150s",
    limit_s: limit("first_compression_150s"),
    from: on("call_answered", "call"),
    to: mark("compressions_begun"),
  },
];

/** Each time once: from its first beginning to its first end. */
function markLate(steps: readonly Step[]): void {
  for (const rule of RULES) {
    const begun = new Map<string, number>();
    for (const step of steps) {
      const to = rule.to(step);
      const since = to === null ? undefined : begun.get(to);
      if (to !== null && since !== undefined && Number.isFinite(since)) {
        const took_s = (step.at_ms - since) / 1000;
        if (took_s > rule.limit_s) step.late ??= { name: rule.name, limit_s: rule.limit_s, took_s };
        begun.set(to, Number.NaN);
      }
      const from = rule.from(step);
      if (from !== null && !begun.has(from)) begun.set(from, step.at_ms);
    }
  }
}

/** What stood on the form by its own times, and that it was entered, when it was. */
function paperSteps(entry: Entry, data: Readonly<Record<string, unknown>>, index: number, told_ms: number): Step[] {
  const shared = { told_ms, actorKind: entry.actor_kind, actor: entry.actor, delta_s: 0, since_s: 0, late: null };
  const steps = stepsOfPaper(data).map((one, at) => ({
    ...shared,
    key: `${entry.sequence}.${index}.${at}`,
    at_ms: Date.parse(one.at),
    name: one.name,
    data: one.data,
    onPaper: true,
  }));
  const { form, call, incident } = data;
  const entered = {
    ...shared,
    key: `${entry.sequence}.${index}`,
    name: "paper_entered",
    data: { form, call, incident },
  };
  return [...steps, { ...entered, at_ms: told_ms }];
}

/** Number of the form that the case was entered from afterwards; null: it was taken here. */
export function formOf(steps: readonly Step[]): number | null {
  const entered = steps.find((step) => step.name === "paper_entered");
  return entered ? Number(entered.data.form) : null;
}

function stepsOf(entry: Entry): Step[] {
  const told_ms = Date.parse(entry.entered_at ?? "");
  return (entry.events as Record<string, unknown>[]).flatMap((data, index) => {
    const name = String(data.event);
    if (LEFT_OUT.has(name)) return [];
    if (name === "paper_entered") return paperSteps(entry, data, index, told_ms);
    const happened = Date.parse(String(data.occurred_at ?? ""));
    const at_ms = Number.isNaN(happened) ? told_ms : Math.min(happened, told_ms);
    const who = { actorKind: entry.actor_kind, actor: entry.actor };
    return [
      { key: `${entry.sequence}.${index}`, at_ms, told_ms, name, data, ...who, delta_s: 0, since_s: 0, late: null },
    ];
  });
}

/** Steps of a mission name the mission alone; people know the unit. */
function tellUnits(steps: Step[]): void {
  const units = new Map(
    steps.filter(({ name }) => name === "unit_assigned").map(({ data }) => [data.mission, data.unit]),
  );
  for (const step of steps) {
    const unit = step.data.unit ?? units.get(step.data.mission);
    if (unit !== undefined) step.data = { ...step.data, unit };
  }
}

export function storyOf(entries: readonly Entry[]): Step[] {
  const steps = entries.flatMap(stepsOf);
  tellUnits(steps);
  steps.sort((one, other) => one.at_ms - other.at_ms);
  const first = steps[0]?.at_ms ?? 0;
  let before = first;
  for (const step of steps) {
    step.delta_s = (step.at_ms - before) / 1000;
    step.since_s = (step.at_ms - first) / 1000;
    before = step.at_ms;
  }
  markLate(steps);
  return steps;
}

/** Protocols whose words the story needs: number and version. */
export function protocolsOf(steps: readonly Step[]): [number, number][] {
  const known = new Map<string, [number, number]>();
  for (const { data } of steps) {
    const [number, version] = [Number(data.protocol), Number(data.version)];
    if (number > 0 && version > 0) known.set(`${number}.${version}`, [number, version]);
  }
  return [...known.values()];
}
