import { describe, expect, it } from "vitest";
import { checkForm, fateOf, type Known } from "@/screens/paper/check";
import { emptyForm, emptyUnit, type FormFields, formIsEmpty } from "@/screens/paper/fields";

// The outage, the form and the times of docs/paper.md: Shanghai is eight hours before UTC.
const BEGUN = Date.parse("2026-11-22T06:00:00Z");
const KNOWN: Known = {
  timeZone: "Asia/Shanghai",
  now_ms: Date.parse("2026-11-22T09:00:00Z"),
  run: "261122-407",
  outage: { begun_ms: BEGUN, ended_ms: Date.parse("2026-11-22T07:10:00Z") },
  units: new Map([
    ["a1", 1],
    ["a2", 2],
  ]),
  facilities: new Map([["h1", 1]]),
  same: "unasked",
};

const WHOLE: FormFields = {
  ...emptyForm(),
  form: "001787",
  rang: "140211",
  answered: "140217",
  decided: "140320",
  number: "13800001234",
  placeText: "Nils Ericsonsgatan",
  place: { name: "Nils Ericsonsgatan", lon: 11.9689, lat: 57.7041 },
  priority: "severe",
  units: [
    {
      ...emptyUnit(),
      unit: "A2",
      hospital: "h1",
      sent: "1404",
      on_scene: "141530",
      left_scene: "1430",
      at_hospital: "1441",
      available: "1458",
    },
  ],
};

const faults = (fields: Partial<FormFields>, known: Partial<Known> = {}) =>
  Object.fromEntries(
    Object.entries(checkForm({ ...WHOLE, ...fields }, { ...KNOWN, ...known }).wrong).map(([field, { fault }]) => [
      field,
      fault,
    ]),
  );

describe("a form that is right", () => {
  it("becomes what the centre takes", () => {
    const { body, wrong } = checkForm(WHOLE, KNOWN);
    expect(wrong).toEqual({});
    expect(body).toEqual({
      form: 261122407001787,
      outage_begun_at: "2026-11-22T06:00:00Z",
      outage_ended_at: "2026-11-22T07:10:00Z",
      occurred_at: "2026-11-22T06:02:11Z",
      answered_at: "2026-11-22T06:02:17Z",
      triaged_at: "2026-11-22T06:03:20Z",
      result: "incident",
      place: { lon: 11.9689, lat: 57.7041 },
      needs: ["basic"],
      priority: "severe",
      units_wanted: 1,
      caller_data: { number: "13800001234" },
      items: [
        {
          unit: 2,
          taken_to: 1,
          assigned_at: "2026-11-22T06:04:00Z",
          on_scene_at: "2026-11-22T06:15:30Z",
          left_scene_at: "2026-11-22T06:30:00Z",
          at_facility_at: "2026-11-22T06:41:00Z",
          available_at: "2026-11-22T06:58:00Z",
        },
      ],
    });
  });

  it("goes over midnight where the times do", () => {
    const outage = { begun_ms: Date.parse("2026-11-22T15:00:00Z"), ended_ms: Date.parse("2026-11-22T17:00:00Z") };
    const units = [{ ...emptyUnit(), unit: "a1", sent: "2359", on_scene: "0010" }];
    const { body } = checkForm(
      { ...WHOLE, rang: "2355", answered: "2355", decided: "2357", units },
      { ...KNOWN, outage, now_ms: Date.parse("2026-11-23T01:00:00Z") },
    );
    expect(body?.occurred_at).toBe("2026-11-22T15:55:00Z");
    expect(body?.items[0]?.on_scene_at).toBe("2026-11-22T16:10:00Z");
  });

  it("says its day where work on paper lasted longer than one", () => {
    const outage = { begun_ms: Date.parse("2026-11-19T06:00:00Z"), ended_ms: Date.parse("2026-11-22T07:00:00Z") };
    expect(faults({}, { outage })).toEqual({ day: "day" });
    const { body } = checkForm({ ...WHOLE, day: "2026-11-20" }, { ...KNOWN, outage });
    expect(body?.occurred_at).toBe("2026-11-20T06:02:11Z");
    expect(faults({ day: "2026-11-18" }, { outage })).toEqual({ rang: "outside" });
  });
});

describe("what is wrong", () => {
  it("is told where it stands", () => {
    expect(faults({ form: "001788" })).toEqual({ form: "form" });
    expect(faults({}, { run: "" })).toEqual({ form: "formRun" });
    expect(faults({}, { outage: null })).toEqual({ rang: "outage" });
    expect(faults({ rang: "" })).toEqual({ rang: "needed" });
    expect(faults({ rang: "1359" })).toEqual({ rang: "outside" });
    expect(faults({ rang: "25:00" })).toEqual({ rang: "time" });
    expect(faults({ place: null })).toEqual({ place: "place" });
    expect(faults({ priority: "" })).toEqual({ priority: "needed" });
    expect(faults({ wanted: "0" })).toEqual({ wanted: "count" });
    expect(faults({ short: "2" })).toEqual({ short: "tooShort", whyShort: "why" });
    expect(faults({ whyShort: "no_way" })).toEqual({ short: "needed" });
    expect(faults({ units: [{ ...emptyUnit(), sent: "1404" }] })).toEqual({ "units.0.unit": "unit" });
    expect(faults({ units: [{ ...emptyUnit(), unit: "A9", hospital: "H9" }] })).toEqual({
      "units.0.unit": "code",
      "units.0.hospital": "code",
    });
  });

  it("names the time that should come before", () => {
    const units = [{ ...emptyUnit(), unit: "A1", sent: "1420", on_scene: "1415" }];
    expect(checkForm({ ...WHOLE, units }, KNOWN).wrong).toEqual({
      "units.0.on_scene": {
        fault: "before",
        after: { field: "units.0.sent", at_ms: Date.parse("2026-11-22T06:20:00Z") },
      },
    });
    expect(faults({ answered: "1401" })).toEqual({ answered: "before" });
    expect(faults({ decided: "1401" })).toEqual({ decided: "before" });
  });

  it("lies in the future", () => {
    const units = [{ ...emptyUnit(), unit: "A1", sent: "1404", available: "1702" }];
    expect(faults({ units })).toEqual({ "units.0.available": "future" });
  });
});

describe("a call that ended without a unit", () => {
  const bare = { priority: "" as const, place: null, units: [emptyUnit()] };

  it("needs neither place nor priority", () => {
    const { body, wrong } = checkForm({ ...WHOLE, ...bare, without: "advice" }, KNOWN);
    expect(wrong).toEqual({});
    expect(body).toMatchObject({ result: "no_unit", call_outcome: "advice", units_wanted: 0, items: [], needs: [] });
  });

  it("has no unit", () => expect(faults({ without: "advice" })).toEqual({ "units.0.unit": "noUnits" }));

  it("was given up, unless somebody was spoken to", () => {
    expect(fateOf({ ...WHOLE, without: "hung_up", answered: "" })).toEqual({ result: "hung_up", outcome: null });
    expect(fateOf({ ...WHOLE, without: "hung_up" })).toEqual({ result: "no_unit", outcome: "not_reached" });
    expect(faults({ ...bare, without: "not_reached", answered: "" })).toEqual({ decided: "notDecided" });
  });

  it("told of an event that is known", () => {
    const linked = { ...bare, sameAs: "261122-407-0018-84" };
    expect(checkForm({ ...WHOLE, ...linked }, { ...KNOWN, same: 12 }).body).toMatchObject({
      result: "linked",
      linked_to: 12,
    });
    expect(checkForm({ ...WHOLE, ...linked }, KNOWN)).toMatchObject({ wrong: {}, body: null });
    expect(faults(linked, { same: "none" })).toEqual({ sameAs: "sameUnknown" });
    expect(faults(linked, { same: "later" })).toEqual({ sameAs: "sameLater" });
    expect(faults({ ...bare, sameAs: "001787" })).toEqual({ sameAs: "sameForm" });
    expect(faults({ ...linked, without: "advice" }, { same: 12 })).toEqual({ without: "oneEnd" });
  });
});

it("a form in which nothing was typed is empty, whatever the one before left there", () => {
  expect(formIsEmpty(emptyForm({ ...WHOLE, seat: "3", day: "2026-11-22" }))).toBe(true);
  expect(formIsEmpty({ ...emptyForm(), units: [{ ...emptyUnit(), sent: "1" }] })).toBe(false);
  expect(formIsEmpty({ ...emptyForm(), needs: ["physician"] })).toBe(false);
});
