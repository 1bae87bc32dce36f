// A step of a story in words: what happened, and what there is to say about it.
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { useFormat } from "@/i18n/format";
import { useLabel } from "@/i18n/labels";
import { protocolStore, stepOf, textOf } from "@/screens/answer/protocols";
import type { Names } from "@/screens/review/names";

export interface StepWords {
  title: string;
  /** Further lines. */
  lines: string[];
  /** Something to look at: an override, an alarm, a shortfall. */
  grave?: boolean;
}

type Data = Readonly<Record<string, unknown>>;

const number = (data: Data, name: string) => Number(data[name] ?? 0);
const text = (data: Data, name: string) => String(data[name] ?? "");
const list = (data: Data, name: string) => (Array.isArray(data[name]) ? (data[name] as string[]) : []);

interface Tools {
  t: (key: string, values?: Record<string, unknown>) => string;
  label: (kind: string, label: string) => string;
  names: Names;
  question: (data: Data) => { say: string; answer: string } | null;
  time: (seconds: number) => string;
}

type Teller = (data: Data, tools: Tools) => Omit<StepWords, "title"> & { values?: Record<string, unknown> };

const NOTHING_MORE: Teller = () => ({ lines: [] });

function needs(data: Data, { label, t }: Tools): string[] {
  const wanted = list(data, "needs");
  return wanted.length > 0
    ? [t("says.needs", { needs: wanted.map((need) => label("need_set", need)).join(", ") })]
    : [];
}

function override(data: Data, { label, t }: Tools): { lines: string[]; grave?: boolean } {
  const reason = text(data, "override");
  if (reason !== "" && reason !== "none")
    return { lines: [t("says.override", { reason: label("override_reason", reason) })], grave: true };
  const rank = number(data, "rank");
  return { lines: rank > 0 ? [t("says.rank", { rank })] : [] };
}

function patient(data: Data, { label, t }: Tools): string[] {
  const parts: string[] = [];
  if (number(data, "age_years") < 255) parts.push(t("says.age", { age: number(data, "age_years") }));
  if (text(data, "sex") !== "unknown") parts.push(label("sex", text(data, "sex")));
  if (text(data, "consciousness") !== "unknown") parts.push(label("consciousness", text(data, "consciousness")));
  for (const name of ["pulse", "systolic", "spo2", "respiration"] as const)
    if (number(data, name) > 0) parts.push(t(`says.${name}`, { value: number(data, name) }));
  parts.push(...list(data, "main_problem").map((need) => label("need_set", need)));
  return parts.length > 0 ? [parts.join(" · ")] : [];
}

function excluded(data: Data, { label, t }: Tools, kind: "exclusion" | "facility_exclusion"): string[] {
  const left = Object.entries(data)
    .filter(([name, count]) => name.startsWith("excluded_") && Number(count) > 0)
    .map(([name, count]) => `${label(kind, name.slice("excluded_".length))} ${Number(count)}`);
  return left.length > 0 ? [t("says.excluded", { reasons: left.join(", ") })] : [];
}

function candidates(data: Data, tools: Tools, kind: "unit" | "facility"): string[] {
  const items = (data.items ?? []) as Record<string, number | null>[];
  return items.map((item, index) => {
    const name = kind === "unit" ? tools.names.unit(item.unit ?? null) : tools.names.facility(item.facility ?? null);
    const eta = item.eta_s === null || item.eta_s === undefined ? "–" : tools.time(item.eta_s);
    const taken = item.diverts_from ? ` · ${tools.t("says.diverts", { id: item.diverts_from })}` : "";
    return `${index + 1}. ${name} · ${tools.t("says.eta", { eta })}${taken}`;
  });
}

const TELLERS: Record<string, Teller> = {
  call_answered: (data, { t }) => ({
    lines: data.called_back ? [t("says.calledBack")] : [],
    values: { seat: number(data, "seat") || "–" },
  }),
  call_located: (data, { names }) => ({ lines: [], values: { district: names.district(number(data, "district")) } }),
  call_linked: (data) => ({ lines: [], values: { id: number(data, "incident") } }),
  call_closed: (data, { label }) => ({ lines: [], values: { outcome: label("call_outcome", text(data, "outcome")) } }),
  incident_opened: (data, tools) => ({
    lines: needs(data, tools),
    values: { priority: tools.label("priority", text(data, "priority")), count: number(data, "units_wanted") },
  }),
  units_recommended: (data, tools) => ({
    lines: [
      ...candidates(data, tools, "unit"),
      ...excluded(data, tools, "exclusion"),
      ...(data.estimated ? [tools.t("says.estimated")] : []),
    ],
    values: { asked: number(data, "asked"), fit: number(data, "fit") },
  }),
  incident_queued: (data, { label }) => ({
    lines: [],
    grave: true,
    values: { reason: label("shortfall_reason", text(data, "reason")) },
  }),
  incident_prioritised: (data, { label }) => ({
    lines: [],
    values: { before: label("priority", text(data, "before")), after: label("priority", text(data, "after")) },
  }),
  units_requested: (data, tools) => ({ lines: needs(data, tools), values: { count: number(data, "more") } }),
  shortfall_recorded: (data, { label }) => ({
    lines: [],
    grave: true,
    values: { count: number(data, "units"), reason: label("shortfall_reason", text(data, "reason")) },
  }),
  incident_closed: (data, { label }) => ({
    lines: [],
    values: { outcome: label("incident_outcome", text(data, "outcome")) },
  }),
  unit_assigned: (data, tools) => ({
    ...override(data, tools),
    values: { unit: tools.names.unit(number(data, "unit")) },
  }),
  mission_progressed: (data, { names, t }) => ({
    lines: [],
    values: { unit: names.unit(number(data, "unit")), stage: t(`stage.${text(data, "stage")}`) },
  }),
  mission_ended: (data, { label, names }) => ({
    lines: [],
    grave: text(data, "reason") === "broke_down",
    values: { unit: names.unit(number(data, "unit")), reason: label("mission_end_reason", text(data, "reason")) },
  }),
  destination_recommended: (data, tools) => ({
    lines: [...candidates(data, tools, "facility"), ...excluded(data, tools, "facility_exclusion")],
  }),
  destination_chosen: (data, tools) => ({
    ...override(data, tools),
    values: { facility: tools.names.facility(number(data, "facility")) },
  }),
  patient_described: (data, tools) => ({ lines: patient(data, tools) }),
  prealert_acknowledged: (data, { names }) => ({
    lines: [],
    values: { facility: names.facility(number(data, "facility")) },
  }),
  alarm_raised: (data, { label }) => ({
    lines: [],
    grave: true,
    values: { kind: label("alarm_kind", text(data, "kind")) },
  }),
  alarm_cleared: (data, { label }) => ({ lines: [], values: { end: label("alarm_end", text(data, "end")) } }),
  answer_given: (data, { question }) => {
    const asked = question(data);
    return { lines: asked ? [asked.say] : [], values: { answer: asked?.answer ?? `${number(data, "answer")}` } };
  },
  answer_withdrawn: (data, { question }) => ({ lines: [question(data)?.say ?? ""].filter(Boolean) }),
  triage_proposed: (data, tools) => ({
    lines: needs(data, tools),
    values: { priority: data.priority_known ? tools.label("priority", text(data, "priority")) : "–" },
  }),
  milestone_reached: (data, { label }) => ({
    lines: [],
    values: {
      marks: list(data, "marks")
        .map((one) => label("triage_mark", one))
        .join(", "),
    },
  }),
  message_sent: (data, { names, t }) => ({
    lines: [],
    values: { unit: names.unit(number(data, "unit")), way: data.to_crew ? t("says.toCrew") : t("says.fromCrew") },
  }),
  unit_changed: (data, { names, label }) => ({
    lines: [],
    values: { unit: names.unit(number(data, "unit")), state: label("unit_state", text(data, "state")) },
  }),
  facility_changed: (data, { names, label }) => ({
    lines: [],
    values: { facility: names.facility(number(data, "facility")), state: label("facility_state", text(data, "state")) },
  }),
};

/** What the protocol asked, and what was answered, in the words of its version. */
function useQuestions(): Tools["question"] {
  const { i18n } = useTranslation("review");
  const store = useStore(protocolStore);
  const language = i18n.language.startsWith("zh") ? "zh" : "en";
  return (data) => {
    const protocol = textOf(store, number(data, "protocol"), number(data, "version"));
    const step = stepOf(protocol, number(data, "step"));
    const answer = step?.answers.find((one) => one.answer === number(data, "answer"));
    return step ? { say: step.say[language], answer: answer?.text[language] ?? "–" } : null;
  };
}

export function useStepWords(names: Names): (name: string, data: Data) => StepWords {
  const { t } = useTranslation("review");
  const label = useLabel();
  const format = useFormat();
  const question = useQuestions();
  const tools: Tools = {
    t: (key, values) => t(key, values ?? {}),
    label: (kind, one) => label(kind, one),
    names,
    question,
    time: format.duration,
  };
  return (name, data) => {
    const { values, ...said } = (TELLERS[name] ?? NOTHING_MORE)(data, tools);
    return { ...said, title: t(`step.${name}`, values ?? {}) };
  };
}
