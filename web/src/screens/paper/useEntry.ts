// The form that is being typed: its draft, what is wrong with it, and how it is entered.
import type { Call } from "@schema";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useStore } from "zustand";
import { centreStore } from "@/api/centre";
import { newKey } from "@/api/client";
import { asProblem, type ProblemDetails } from "@/api/problem";
import { readForm } from "@/lib/form";
import { serverNow_ms } from "@/live/clock";
import { liveStore } from "@/live/state";
import { callOfForm } from "@/screens/paper/ask";
import type { Coded } from "@/screens/paper/CodeField";
import {
  type Checked,
  checkForm,
  codeKey,
  type FieldId,
  fateOf,
  type Known,
  type Same,
  type Wrong,
} from "@/screens/paper/check";
import { emptyForm, emptyUnit, type FormFields, formIsEmpty, UNITS_MAX, type UnitFields } from "@/screens/paper/fields";
import { keepForm, sendForm } from "@/screens/paper/outbox";
import type { Lists } from "@/screens/paper/useLists";
import type { OutageTyped } from "@/screens/paper/useOutage";
import { useDraft } from "@/shell/drafts";

const TRY_FOR_MS = 3_000;
const BLANK = emptyForm();
/** Missing is told when the form is to be entered, not while it is typed. */
const TOLD_LATE = new Set(["needed", "place", "unit", "outage", "day", "why"]);

/** What became of the last form. */
export type Told = { form: number; call: number } | { form: number; kept: true } | null;

interface Refused {
  problem: ProblemDetails;
  /** The call that the form became before. */
  call: Call | null;
}

export interface Entry {
  fields: FormFields;
  set: (change: Partial<FormFields>) => void;
  setUnit: (index: number, change: Partial<UnitFields>) => void;
  addUnit: () => void;
  removeUnit: (index: number) => void;
  /** Takes up a form that was put aside, or that was refused later. */
  open: (fields: FormFields, refused?: ProblemDetails) => void;
  clear: () => void;
  /** A field was left: from now on what is wrong with it is told. */
  leave: (field: FieldId) => void;
  wrongOf: (field: FieldId) => Wrong | null;
  at: Checked["at"];
  outage: OutageTyped;
  /** The number that was typed, when it is one. */
  form: number | null;
  /** The form is in already. */
  enteredAs: Call | null;
  refused: Refused | null;
  told: Told;
  pending: boolean;
  enter: () => Promise<void>;
  isEmpty: boolean;
}

/** A time says the same as it was typed and as it is shown. */
function saysOf(fields: FormFields): string {
  return JSON.stringify(fields).replaceAll(":", "");
}

/** Which fields a refusal of the centre is about. */
export function fieldsOf(name: string, units: number): FieldId[] {
  switch (name) {
    case "form_invalid":
    case "form_entered":
      return ["form"];
    case "outside_outage":
      return ["rang"];
    case "point_invalid":
      return ["place"];
    case "unknown_incident":
      return ["sameAs"];
    case "unknown_unit":
    case "unit_was_elsewhere":
      return Array.from({ length: units }, (_, index) => `units.${index}.unit`);
    case "unknown_facility":
      return Array.from({ length: units }, (_, index) => `units.${index}.hospital`);
    default:
      return [];
  }
}

function useCodes(list: readonly Coded[]): ReadonlyMap<string, number> {
  return useMemo(() => new Map(list.map(({ code, id }) => [codeKey(code), id])), [list]);
}

/** Whether the number that stands in the field is in already: told before anything else is typed. */
function useEnteredAs(form: number | null): Call | null {
  const [found, setFound] = useState<{ form: number; call: Call | null } | null>(null);
  useEffect(() => {
    if (form === null) return undefined;
    const abort = new AbortController();
    // Who cannot ask now is told when the form is entered.
    callOfForm(form, abort.signal).then(
      (call) => setFound({ form, call }),
      () => {},
    );
    return () => abort.abort();
  }, [form]);
  return found?.form === form ? found.call : null;
}

/** The incident of the form that this one names as the same event. */
function useSame(fields: FormFields, run: string) {
  const wanted = fateOf(fields).result === "linked" ? readForm(fields.sameAs, run) : null;
  const [found, setFound] = useState<{ form: number; same: Same } | null>(null);
  const look = useCallback(async (): Promise<Same> => {
    if (wanted === null) return "unasked";
    const same: Same = await callOfForm(wanted).then(
      (call) => call?.incident ?? "none",
      () => "later" as const,
    );
    setFound({ form: wanted, same });
    return same;
  }, [wanted]);
  return { same: found?.form === wanted && found ? found.same : ("unasked" as Same), look };
}

export function useEntry(outage: OutageTyped, lists: Lists, focusWrong: (fields: readonly FieldId[]) => void): Entry {
  const [fields, setFields, clearFields] = useDraft<FormFields>("paper.form", BLANK);
  const latest = useRef(fields);
  latest.current = fields;
  const timeZone = useStore(centreStore, (centre) => centre.timeZone);
  const [units, facilities] = [useCodes(lists.units), useCodes(lists.facilities)];
  const [left, setLeft] = useState<ReadonlySet<FieldId>>(new Set());
  const [all, setAll] = useState(false);
  const [refused, setRefused] = useState<Refused | null>(null);
  const [told, setTold] = useState<Told>(null);
  const [pending, setPending] = useState(false);
  const { same, look } = useSame(fields, outage.typed.run);
  const form = readForm(fields.form, outage.typed.run);
  const enteredAs = useEnteredAs(form);
  const known = (now: Same): Known => {
    const { typed, outage: period } = outage;
    return { timeZone, now_ms: serverNow_ms(), run: typed.run, outage: period, units, facilities, same: now };
  };
  const checked = checkForm(fields, known(same));

  const put = (fresh: FormFields) => {
    const isChanged = saysOf(fresh) !== saysOf(latest.current);
    latest.current = fresh;
    setFields(fresh);
    if (!isChanged) return;
    setRefused(null);
    setTold(null);
  };
  const set = (change: Partial<FormFields>) => put({ ...latest.current, ...change });
  const setUnits = (change: (units: UnitFields[]) => UnitFields[]) => set({ units: change(latest.current.units) });
  const begin = (fresh: FormFields) => {
    put(fresh);
    setRefused(null);
    setTold(null);
    setLeft(new Set());
    setAll(false);
  };
  const blank = () => {
    clearFields();
    begin(emptyForm(latest.current));
  };

  const refuse = async (problem: ProblemDetails) => {
    const number = problem.name === "form_entered" ? readForm(latest.current.form, outage.typed.run) : null;
    const call = number === null ? null : await callOfForm(number).catch(() => null);
    setRefused({ problem, call });
    focusWrong(fieldsOf(problem.name, latest.current.units.length));
  };
  const send = async (typed: FormFields) => {
    const isLinked = fateOf(typed).result === "linked";
    const ready = checkForm(typed, known(isLinked && typeof same !== "number" ? await look() : same));
    if (!ready.body) {
      focusWrong(Object.keys(ready.wrong));
      return;
    }
    const key = newKey();
    const cut = liveStore.getState().connection !== "live";
    const outcome = await sendForm(ready.body, key, cut ? 0 : TRY_FOR_MS);
    if ("refusal" in outcome) {
      await refuse(outcome.refusal);
      return;
    }
    if ("later" in outcome) await keepForm(ready.body, typed, key);
    blank();
    setTold(
      "later" in outcome ? { form: ready.body.form, kept: true } : { form: ready.body.form, call: outcome.made ?? 0 },
    );
    focusWrong(["form"]);
  };
  const busy = useRef(false);
  const enter = async () => {
    if (busy.current) return;
    busy.current = true;
    setPending(true);
    setAll(true);
    setRefused(null);
    try {
      await send(latest.current);
    } catch (thrown) {
      setRefused({ problem: asProblem(thrown).details, call: null });
    } finally {
      busy.current = false;
      setPending(false);
    }
  };

  return {
    fields,
    set,
    setUnit: (index, change) =>
      setUnits((columns) => columns.map((one, at) => (at === index ? { ...one, ...change } : one))),
    addUnit: () => setUnits((columns) => (columns.length < UNITS_MAX ? [...columns, emptyUnit()] : columns)),
    removeUnit: (index) => {
      setUnits((columns) => (columns.length > 1 ? columns.filter((_, at) => at !== index) : [emptyUnit()]));
      setLeft(new Set([...left].filter((field) => !field.startsWith("units."))));
    },
    open: (fresh, problem) => {
      begin(fresh);
      if (!problem) return;
      setAll(true);
      void refuse(problem);
    },
    clear: blank,
    leave: (field) => setLeft((before) => (before.has(field) ? before : new Set([...before, field]))),
    wrongOf: (field) => {
      const wrong = checked.wrong[field];
      if (!wrong) return null;
      return all || (left.has(field) && !TOLD_LATE.has(wrong.fault)) ? wrong : null;
    },
    at: checked.at,
    outage,
    form,
    enteredAs,
    refused,
    told,
    pending,
    enter,
    isEmpty: formIsEmpty(fields),
  };
}
