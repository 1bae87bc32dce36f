// From what was typed to what is sent: the same rules as the centre's own, told where they are broken before anything is sent.
import type { CallOutcome, Commands, PaperResult } from "@schema";
import { instantOfWall } from "@/i18n/zone";
import { readForm } from "@/lib/form";
import { type FormFields, STAGE_MEMBERS, STAGES, type UnitFields, unitIsEmpty } from "@/screens/paper/fields";
import { readAfter, readClock } from "@/screens/paper/times";

/** A field, "rang"; of a unit "units.0.sent". */
export type FieldId = string;

export type Fault =
  | "form"
  | "formRun"
  | "time"
  | "before"
  | "future"
  | "outside"
  | "outage"
  | "day"
  | "needed"
  | "place"
  | "count"
  | "tooShort"
  | "why"
  | "code"
  | "unit"
  | "noUnits"
  | "notDecided"
  | "sameForm"
  | "sameUnknown"
  | "sameLater"
  | "oneEnd";

/** `after`: the field and the time that this one should follow. */
export type Wrong = { fault: Fault; after?: { field: FieldId; at_ms: number } };

export interface Outage {
  begun_ms: number;
  ended_ms: number;
}

/** An incident; none: the form is not in, or became none; unasked: nobody has looked; later: the centre cannot be asked now. */
export type Same = number | "none" | "unasked" | "later";

export interface Known {
  timeZone: string;
  now_ms: number;
  run: string;
  outage: Outage | null;
  units: ReadonlyMap<string, number>;
  facilities: ReadonlyMap<string, number>;
  /** Of the form that this one is the same event as. */
  same: Same;
}

export type PaperBody = Commands["paper_enter"] & {
  caller_data?: { number?: string; name?: string; remarks?: string };
};

export interface Checked {
  wrong: Record<FieldId, Wrong>;
  /** The instants that the times mean. */
  at: Record<FieldId, number>;
  /** Null as long as something is wrong. */
  body: PaperBody | null;
}

const DAY_MS = 86_400_000;
const COUNT_MAX = 64;

/** How a code of a unit or facility is compared: as it is typed, small or capital. */
export function codeKey(code: string): string {
  return code.trim().toLowerCase();
}

class Check {
  readonly wrong: Record<FieldId, Wrong> = {};
  readonly at: Record<FieldId, number> = {};
  private readonly known: Known;

  constructor(known: Known) {
    this.known = known;
  }

  fail(field: FieldId, fault: Fault, after?: Wrong["after"]): undefined {
    this.wrong[field] ??= after ? { fault, after } : { fault };
    return undefined;
  }

  /** The field's time, which follows another; undefined: not noted, or wrong. */
  time(field: FieldId, text: string, after: { field: FieldId; at_ms: number }): number | undefined {
    if (text.trim() === "") return undefined;
    const read = readAfter(text, after.at_ms, this.known.timeZone);
    if ("wrong" in read) return this.fail(field, read.wrong, read.wrong === "before" ? after : undefined);
    this.at[field] = read.at_ms;
    if (read.at_ms > this.known.now_ms) return this.fail(field, "future");
    return read.at_ms;
  }

  /** Where nothing was noted, the next time follows the one before. */
  chain(from: { field: FieldId; at_ms: number }, fields: readonly (readonly [FieldId, string])[]) {
    let last = from;
    for (const [field, text] of fields) {
      const at_ms = this.time(field, text, last);
      if (at_ms !== undefined) last = { field, at_ms };
    }
    return last;
  }

  rang(fields: FormFields): number | undefined {
    const { outage, timeZone } = this.known;
    if (!outage) return this.fail("rang", "outage");
    if (fields.rang.trim() === "") return this.fail("rang", "needed");
    const clock = readClock(fields.rang);
    if (clock === null) return this.fail("rang", "time");
    let from_ms = outage.begun_ms;
    if (outage.ended_ms - outage.begun_ms > DAY_MS) {
      const midnight = /^\d{4}-\d\d-\d\d$/.test(fields.day) ? Date.parse(`${fields.day}T00:00:00Z`) : Number.NaN;
      if (Number.isNaN(midnight)) return this.fail("day", "day");
      from_ms = instantOfWall(midnight, timeZone);
    }
    const read = readAfter(fields.rang, from_ms, timeZone, DAY_MS);
    if (!("at_ms" in read) || read.at_ms < outage.begun_ms || read.at_ms >= outage.ended_ms)
      return this.fail("rang", "outside");
    this.at.rang = read.at_ms;
    return read.at_ms > this.known.now_ms ? this.fail("rang", "future") : read.at_ms;
  }

  callTimes(fields: FormFields, rang_ms: number): void {
    const rang = { field: "rang", at_ms: rang_ms };
    const answered = this.chain(rang, [["answered", fields.answered]]);
    this.time("recognised", fields.recognised, answered);
    this.time("compressions", fields.compressions, answered);
    this.time("located", fields.located, rang);
    this.time("decided", fields.decided, answered);
  }

  count(field: FieldId, text: string, least: number, otherwise: number): number {
    if (text.trim() === "") return otherwise;
    const count = /^\d{1,2}$/.test(text.trim()) ? Number(text) : Number.NaN;
    if (count >= least && count <= COUNT_MAX) return count;
    this.fail(field, "count");
    return otherwise;
  }

  unit(fields: UnitFields, index: number, rang_ms: number): Commands["paper_enter"]["items"][number] | null {
    const id = (name: string) => `units.${index}.${name}`;
    const { units, facilities } = this.known;
    const unit = units.get(codeKey(fields.unit));
    if (unit === undefined) this.fail(id("unit"), fields.unit.trim() === "" ? "unit" : "code");
    const facility = fields.hospital.trim() === "" ? null : facilities.get(codeKey(fields.hospital));
    if (facility === undefined) this.fail(id("hospital"), "code");
    this.chain(
      { field: "rang", at_ms: rang_ms },
      STAGES.map((stage) => [id(stage), fields[stage]] as const),
    );
    if (unit === undefined || facility === undefined) return null;
    const times = Object.fromEntries(
      STAGES.flatMap((stage) => {
        const at_ms = this.at[id(stage)];
        return at_ms === undefined ? [] : [[STAGE_MEMBERS[stage], iso(at_ms)]];
      }),
    );
    const end = fields.ended === "" ? {} : { end_reason: fields.ended };
    return {
      unit,
      ...(facility === null ? {} : { taken_to: facility }),
      ...times,
      ...end,
    } as Commands["paper_enter"]["items"][number];
  }
}

function iso(ms: number): string {
  return new Date(ms).toISOString().replace(".000Z", "Z");
}

interface Fate {
  result: PaperResult;
  outcome: CallOutcome | null;
}

/** What became of the call, as the ticks say it. */
export function fateOf(fields: FormFields): Fate {
  if (fields.sameAs.trim() !== "") return { result: "linked", outcome: null };
  if (fields.without === "") return { result: "incident", outcome: null };
  if (fields.without === "hung_up" || fields.without === "not_reached") {
    // Whoever was spoken to before is a call that was answered.
    return fields.answered.trim() === ""
      ? { result: "hung_up", outcome: null }
      : { result: "no_unit", outcome: "not_reached" };
  }
  return { result: "no_unit", outcome: fields.without };
}

function checkIncident(check: Check, fields: FormFields): { wanted: number; short: number } {
  if (!fields.place) check.fail("place", "place");
  if (fields.priority === "") check.fail("priority", "needed");
  const wanted = check.count("wanted", fields.wanted, 1, 1);
  const short = check.count("short", fields.short, 0, 0);
  if (short > wanted) check.fail("short", "tooShort");
  if (short > 0 && fields.whyShort === "") check.fail("whyShort", "why");
  if (short === 0 && fields.whyShort !== "") check.fail("short", "needed");
  return { wanted, short };
}

function checkOther(check: Check, fields: FormFields, fate: Fate, known: Known, form: number | null): void {
  fields.units.forEach((unit, index) => {
    if (!unitIsEmpty(unit)) check.fail(`units.${index}.unit`, "noUnits");
  });
  if (fate.result === "hung_up" && fields.decided.trim() !== "") check.fail("decided", "notDecided");
  if (fate.result !== "linked") return;
  if (fields.without !== "") check.fail("without", "oneEnd");
  const other = readForm(fields.sameAs, known.run);
  if (other === null) check.fail("sameAs", "form");
  else if (other === form) check.fail("sameAs", "sameForm");
  else if (known.same === "none") check.fail("sameAs", "sameUnknown");
  else if (known.same === "later") check.fail("sameAs", "sameLater");
}

function callerOf(fields: FormFields): Pick<PaperBody, "caller_data"> {
  const said = Object.entries({ number: fields.number, name: fields.name, remarks: fields.remarks })
    .map(([name, text]) => [name, text.trim()])
    .filter(([, text]) => text !== "");
  return said.length === 0 ? {} : { caller_data: Object.fromEntries(said) };
}

function timesOf(check: Check): Partial<PaperBody> {
  const members = { answered: "answered_at", located: "located_at", decided: "triaged_at" } as const;
  const arrest = { recognised: "recognised_at", compressions: "compressions_at" } as const;
  return Object.fromEntries(
    Object.entries({ ...members, ...arrest }).flatMap(([field, member]) => {
      const at_ms = check.at[field];
      return at_ms === undefined ? [] : [[member, iso(at_ms)]];
    }),
  );
}

export function checkForm(fields: FormFields, known: Known): Checked {
  const check = new Check(known);
  const form = readForm(fields.form, known.run);
  if (form === null) check.fail("form", /^\D*(\d\D*){6}$/.test(fields.form) && known.run === "" ? "formRun" : "form");
  const rang_ms = check.rang(fields);
  // Without the ring the order of the others can be told all the same, from the beginning of the outage on.
  const from_ms = rang_ms ?? check.at.rang ?? known.outage?.begun_ms;
  if (from_ms !== undefined) check.callTimes(fields, from_ms);
  const fate = fateOf(fields);
  const isIncident = fate.result === "incident";
  const counts = isIncident ? checkIncident(check, fields) : { wanted: 0, short: 0 };
  if (!isIncident) checkOther(check, fields, fate, known, form);
  const columns = fields.units.map((unit, index) => ({ unit, index })).filter(({ unit }) => !unitIsEmpty(unit));
  const items = isIncident ? columns.map(({ unit, index }) => check.unit(unit, index, from_ms ?? 0)) : [];
  const { wrong, at } = check;
  const isKnown = fate.result !== "linked" || typeof known.same === "number";
  if (Object.keys(wrong).length > 0 || form === null || rang_ms === undefined || !known.outage || !isKnown)
    return { wrong, at, body: null };
  const needs: PaperBody["needs"] = isIncident ? ["basic", ...fields.needs] : [];
  const body: PaperBody = {
    form,
    outage_begun_at: iso(known.outage.begun_ms),
    outage_ended_at: iso(known.outage.ended_ms),
    occurred_at: iso(rang_ms),
    result: fate.result,
    ...timesOf(check),
    ...(fields.place ? { place: { lon: fields.place.lon, lat: fields.place.lat } } : {}),
    ...(fields.district === "" ? {} : { district: Number(fields.district) }),
    ...(fields.seat === "" ? {} : { answered_by: Number(fields.seat) }),
    ...(fate.result === "linked" ? { linked_to: known.same as number } : {}),
    needs,
    priority: fields.priority === "" ? "urgent" : fields.priority,
    units_wanted: counts.wanted,
    ...(counts.short > 0 && fields.whyShort !== ""
      ? { units_short: counts.short, shortfall_reason: fields.whyShort }
      : {}),
    ...(fate.outcome ? { call_outcome: fate.outcome } : {}),
    items: items.filter((item) => item !== null),
    ...callerOf(fields),
  };
  return { wrong, at, body };
}
