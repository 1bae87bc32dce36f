#!/usr/bin/env python3
"""A de-identified export, judged from outside: whether k people look alike is counted over the files themselves, every cell
must have one of its column's forms, nothing of the centre's own occurs in any file, and what is told is what happened."""
import collections
import csv
import datetime
import json
import re
import sqlite3
import time
import zoneinfo

import load
from centre import Centre, main, run, until
from load import SETTINGS, Load, entries

K = 5
DAY_S = 86400
QUASI = ("step", "hours", "district", "age", "complaint")
ID = r"[0-9a-f]{20}"
SECONDS = r"(\d{0,4}0)?"
LABEL = r"[a-z_]*"
FORMS = {
    "incident": ID, "call": ID, "mission": ID, "unit": rf"({ID})?", "facility": rf"({ID})?", "step": r"[0-7]",
    "hours": r"\*|(Mon|Tue|Wed|Thu|Fri|Sat|Sun|Mon-Fri|Sat-Sun) \d\d-\d\d", "age": r"\*|\d+-\d+|\d+\+|unknown",
    "complaint": r"\*|\d{1,3}", "priority": LABEL, "proposed": LABEL, "result": LABEL, "outcome": LABEL, "reached_by": LABEL,
    "shortfall_reason": LABEL, "units_needed": r"[0-4]", "units_short": r"[0-4]", "dispatches": r"[0-4]", "transported": "[01]",
}


def moment(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


PERIOD = ("--from", moment(time.time() - DAY_S), "--to", moment(time.time() + DAY_S))


def export(centre, name, *more, check=True, by="review", period=PERIOD):
    words = ["export", "--data", str(centre.data), *period, "-o", str(centre.folder / name), "--by", by, *more]
    words += ["--store", centre.store] if centre.store else []
    done = run(*words, check=check)
    return json.loads(done.stdout) if check else done


def sheet(centre, name, which):
    with open(centre.folder / name / f"{which}.csv", newline="") as file:
        return list(csv.DictReader(file))


def described(worker_must=load.Worker.must):
    """Crews of the load say how old their patients are."""
    def must(self, client, name, **body):
        if name == "transport_request":
            worker_must(self, client, "patient_describe", mission=body["mission"], main_problem=[],
                        age_years=self.random.choice([3, 25, 50, 70, 85, 255]), sex="unknown", consciousness="alert", pulse=0,
                        systolic=0, spo2=0, respiration=0)
        if name == "call_locate":
            body["district"] = self.random.choice([0, 1])
        return worker_must(self, client, name, **body)
    return must


def rare(rows, k):
    """The classes that are too small."""
    classes = collections.Counter(tuple(row[name] for name in QUASI) for row in rows)
    return {one: count for one, count in classes.items() if count < k}


def check_forms(rows, districts):
    for row in rows:
        for name, value in row.items():
            form = FORMS.get(name) or ("|".join(map(re.escape, [*districts, "*"])) if name == "district" else SECONDS)
            may_be_empty = name in QUASI + ("incident",)
            assert re.fullmatch(form, value) or (may_be_empty and value == ""), (name, value)


def own_words(centre):
    """What the centre knows of its callers, its places and its moments, as it might be written."""
    story = entries(centre)
    words = {"Caller", "4631", "+46", "11.96", "11.97", "57.70", "11960", "11970", "57704", "Town", "review"}
    for entry in story:
        instant = entry["entered_at"]
        words |= {str(instant), str(instant // 1000000), moment(instant / 1e6)[:16]}
    return story, words


def check_nothing_of_the_centre(centre, name, words):
    told = json.loads((centre.folder / name / "report.json").read_text())
    asked = {told.pop("from"), told.pop("to")}
    texts = [path.read_text() for path in (centre.folder / name).iterdir() if path.name != "report.json"] + [json.dumps(told)]
    for text in texts:
        for word in words:
            assert word not in text, (word, text[max(0, text.find(word) - 80):text.find(word) + 80])
    assert len(asked) == 2


def worked_centre():
    load.Worker.must = described()
    centre = Centre(settings=SETTINGS).make().start()
    work = Load(centre, 21)
    for _ in range(6):  # each with its own patience
        work.until_more(100)
    work.go_home()
    return centre


def what_is_told():
    """k over the files, forms of all cells, nothing of the centre's own, joins that hold, counts that add up."""
    centre = worked_centre()
    try:
        told = export(centre, "out")  # while it works
        with sqlite3.connect(f"file:{centre.data}/centre.db?mode=ro", uri=True) as tables:
            districts = {code for code, in tables.execute("SELECT code FROM directory WHERE kind = 'district'")}
        tables.close()
        sheets = {which: sheet(centre, "out", which) for which in ("incidents", "calls", "missions")}
        incidents, alone = sheets["incidents"], [row for row in sheets["calls"] if row["incident"] == ""]
        assert len(incidents) > 20 and len(alone) > 5 and sheets["missions"], {k: len(v) for k, v in sheets.items()}
        for rows in (incidents, alone):
            assert not rare(rows, K), rare(rows, K)
            assert rare([*rows, {**rows[0], "hours": "Mon 03-04", "step": "0"}], K), "a checker that finds nothing"
        assert all(row[name] == "" for row in sheets["calls"] if row["incident"] for name in QUASI)
        for rows in sheets.values():
            check_forms(rows, districts)
        story, words = own_words(centre)
        check_nothing_of_the_centre(centre, "out", words)
        check_joins(sheets)
        check_counts(told, sheets, story)
        check_dictionary(centre, sheets)
        assert centre.stop() == 0
        same_in_lines(centre)
    finally:
        centre.remove()


def check_joins(sheets):
    known = {row["incident"] for row in sheets["incidents"]}
    assert len(known) == len(sheets["incidents"]), "an incident twice"
    for which, own in (("calls", "call"), ("missions", "mission")):
        rows = sheets[which]
        assert len({row[own] for row in rows}) == len(rows), f"one of {which} twice"
        assert {row["incident"] for row in rows} - {""} <= known
        assert [row[own] for row in rows] == sorted(row[own] for row in rows), "in an order that says something"
    hidden = {row["incident"] for row in sheets["incidents"] if row["district"] == "*"}
    assert all(row["facility"] == "" for row in sheets["missions"] if row["incident"] in hidden)
    assert all((row["unit"] == "") == (row["incident"] in hidden) for row in sheets["missions"])


def check_counts(told, sheets, story):
    events = [event for entry in story for event in entry["events"]]
    opened = {event["incident"] for event in events if event["event"] == "incident_opened"}
    closed = collections.Counter(event["outcome"] for event in events if event["event"] == "incident_closed")
    assert told["incidents"]["rows"] == len(opened) == sum(closed.values()), (told["incidents"], len(opened), closed)
    assert told["incidents"]["told"] == len(sheets["incidents"])
    assert told["incidents"]["told"] == sum(step["rows"] for step in told["incidents"]["steps"])
    assert told["incidents"]["withheld"] < K
    mine = collections.Counter(row["outcome"] for row in sheets["incidents"])
    assert sum((mine - closed).values()) == 0 and sum((closed - mine).values()) == told["incidents"]["withheld"], (mine, closed)
    assert told["missions"]["told"] == len(sheets["missions"])
    without = sum(1 for row in sheets["calls"] if row["incident"] == "")
    assert told["calls_without_incident"]["told"] == without
    assert told["calls_of_incidents"]["told"] == len(sheets["calls"]) - without


def check_dictionary(centre, sheets):
    words = sheet(centre, "out", "dictionary")
    for which, rows in sheets.items():
        columns = [word["column"] for word in words if word["file"] == which and word["value"] == ""]
        assert columns == list(rows[0]), (which, columns, list(rows[0]))
    values = {(word["column"], word["value"]) for word in words}
    for row in sheets["incidents"]:
        for name in ("priority", "result", "outcome", "reached_by", "district"):
            assert row[name] in ("", "*") or (name, row[name]) in values, (name, row[name])


def same_in_lines(centre):
    """One key: the same pseudonyms; another: others. As JSON lines it is the same."""
    key = centre.folder / "export.key"
    export(centre, "one", "--key", str(key))
    assert oct(key.stat().st_mode)[-3:] == "600"
    export(centre, "two", "--key", str(key), "--format", "jsonl")
    export(centre, "three")
    one, three = sheet(centre, "one", "incidents"), sheet(centre, "three", "incidents")
    with open(centre.folder / "two" / "incidents.jsonl") as file:
        two = [json.loads(line) for line in file]
    assert [{name: "" if value is None else str(value) for name, value in row.items()} for row in two] == one
    assert not {row["incident"] for row in one} & {row["incident"] for row in three}
    plain = sorted(tuple(row[name] for name in row if name != "incident") for row in one)
    assert plain == sorted(tuple(row[name] for name in row if name != "incident") for row in three)


def times_are_as_reported():
    """Seconds from the ring, rounded to tens, cut at four hours; and the local hour of the week in which it rang."""
    centre = Centre(settings=SETTINGS).make().start()
    rang = int(time.time()) // 3600 * 3600 - 8 * 3600 + 1500
    local = datetime.datetime.fromtimestamp(rang, zoneinfo.ZoneInfo("Asia/Shanghai"))
    try:
        seat, crew = centre.person("chen"), centre.person("crew1")
        crew.command("unit_report", {"unit": 1, "what": "start_shift"})
        shown = {95: "100", 104: "100", 106: "110", 610: "610", 20000: "14400"}
        for number, seconds in enumerate(shown, 1):
            one_incident(seat, crew, number, rang, seconds)
        told = export(centre, "out")
        assert told["incidents"]["rows"] == told["incidents"]["steps"][0]["rows"] == 5, told["incidents"]
        rows = sheet(centre, "out", "incidents")
        assert sorted(row["on_scene_s"] for row in rows) == sorted(shown.values()), rows
        same = ("call_answered_s", "place_known_s", "triaged_s", "district", "hours")
        assert {tuple(row[name] for name in same) for row in rows} == \
            {("10", "30", "50", "all", f"{local:%a} {local.hour:02}-{local.hour + 1:02}")}, rows
        missions = sheet(centre, "out", "missions")
        assert sorted(row["on_scene_s"] for row in missions) == sorted(shown.values()), missions
        assert centre.stop() == 0
    finally:
        centre.remove()


def one_incident(seat, crew, number, rang, seconds):
    def at(later):
        return moment(rang + later)
    seat.command("call_offer", {"external": number, "occurred_at": at(0)})
    seat.command("call_answer", {"call": number, "seat": 1, "occurred_at": at(12)})
    seat.command("call_locate", {"call": number, "point": {"lon": 11.97, "lat": 57.704}, "district": 1, "occurred_at": at(30)})
    triage = {"needs": ["basic"], "units_wanted": 1, "priority": "urgent"}
    incident = seat.command("call_triage", {"call": number, **triage, "occurred_at": at(50)}).json["made"]
    until(lambda: seat.ask("GET", f"/incidents/{incident}").json["state"] in ("recommended", "queued"), "a recommendation")
    order = {"incident": incident, "unit": 1, "override": "other", "occurred_at": at(60)}
    mission = seat.command("unit_assign", order).json["made"]
    for stage in (*load.STAGES_OUT, "end"):
        later = {"notify": 65, "acknowledge": 70, "depart": 80}.get(stage, seconds)
        crew.command("mission_report", {"mission": mission, "stage": stage, "occurred_at": at(later)})


def who_calls_often_is_one_person():
    """Ten calls of one number are of one person, however many look alike; five numbers that call twice are five people."""
    for numbers, expected in ((1, 0), (5, 10)):
        centre = Centre(settings=SETTINGS).make().start()
        try:
            wang = centre.person("wang")
            for call in range(10):
                made = wang.ask("POST", "/calls", {"number": f"+4631703100{call % numbers}"})
                assert made.status in (200, 201), made
                wang.command("call_answer", {"call": call + 1, "seat": 1})
                wang.command("call_close", {"call": call + 1, "outcome": "advice"})
            told = export(centre, "out")["calls_without_incident"]
            assert told["rows"] == 10 and told["told"] == expected, (numbers, told)
            assert len(sheet(centre, "out", "calls")) == expected
        finally:
            centre.remove()


def who_may_and_what_is_noted():
    centre = Centre().make().start()
    try:
        def refused(status, *named, by="review", more=(), period=PERIOD):
            done = export(centre, "out", *more, check=False, by=by, period=period)
            assert done.returncode == status and all(word in done.stderr for word in named), done
            assert not [path for path in centre.folder.iterdir() if path.name.startswith("out")]
        refused(2, "right to export", by="wang")
        refused(2, "right to export", by="admin")
        refused(2, "no such account", by="nobody")
        refused(2, "export_k", more=("--k", "4"))
        refused(1, "empty", period=("--from", PERIOD[3], "--to", PERIOD[1]))
        refused(2, "is no time", period=("--from", "yesterday", "--to", PERIOD[3]))
        dry = json.loads(run("export", "--data", str(centre.data), *PERIOD, "--dry-run").stdout)
        assert dry["dry_run"] and dry["k"] == 5 and "export" not in dry
        admin = centre.person("admin")
        person = next(p for p in admin.ask("GET", "/people?limit=100").json["items"] if p["name"] == "review")
        told = export(centre, "out", "--k", "6")
        assert sorted(path.name for path in (centre.folder / "out").iterdir()) == \
            ["calls.csv", "dictionary.csv", "incidents.csv", "missions.csv", "report.json"]
        assert oct((centre.folder / "out").stat().st_mode)[-3:] == "700"
        again = export(centre, "out", check=False)
        assert again.returncode == 2 and "is there already" in again.stderr, again
        rows = [row for row in centre.person("audit").ask("GET", "/audit?limit=200").json["items"]
                if row["what"] == "de-identified export"]
        assert len(rows) == 1 and told["export"] in rows[0]["detail"] and "k 6" in rows[0]["detail"], rows
        assert rows[0]["actor"] == person["id"], (rows, person)
        assert admin.ask("PATCH", f"/people/{person['id']}", {"disabled": True}).status == 200
        done = export(centre, "more", check=False)
        assert done.returncode == 2 and "disabled" in done.stderr, done
        assert centre.stop() == 0
        run("journal", "verify", str(centre.data))
    finally:
        centre.remove()


if __name__ == "__main__":
    main([what_is_told, times_are_as_reported, who_calls_often_is_one_person, who_may_and_what_is_noted])
