#!/usr/bin/env python3
"""The API, from outside: every route of the document answers, every answer is of the form that the document says, every
refusal is a problem with its name. One centre and one drill, made for this and thrown away.

    MINGDI=build/mingdi tests/process/api.py [TEST...]
"""
import datetime
import http.client
import json
import re
import shutil
import sqlite3
import subprocess
import uuid

import centre
from authenticator import Authenticator, PRESENT, text_of
from centre import Centre, PASSWORD, main, until

SITE = "120.city.example"  # whose passkeys they are
CENTRE = None
DRILL = None


# ---------------------------------------------------------------- forms

class Forms:
    """Just as much of JSON Schema as the document uses; an unknown word of it is a failure."""

    WORDS = {"type", "properties", "required", "additionalProperties", "items", "enum", "minimum", "maximum", "pattern",
             "format", "$ref", "anyOf", "uniqueItems", "description"}
    TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}

    def __init__(self, document):
        self.document = document

    def is_type(self, value, name):
        if name == "number":
            return isinstance(value, (int, float)) and not isinstance(value, bool)
        if name == "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        return isinstance(value, self.TYPES[name])

    def check(self, value, shape, where):
        assert set(shape) <= self.WORDS, (where, set(shape) - self.WORDS)
        if "$ref" in shape:
            return self.check(value, self.document["components"]["schemas"][shape["$ref"].rsplit("/", 1)[1]], where)
        if "anyOf" in shape:
            for one in shape["anyOf"]:
                try:
                    return self.check(value, one, where)
                except AssertionError as problem:
                    last = problem
            raise last
        types = shape.get("type")
        if types is not None:
            assert any(self.is_type(value, t) for t in ([types] if isinstance(types, str) else types)), (where, value, types)
        if "enum" in shape:
            assert value in shape["enum"], (where, value)
        if shape.get("format") == "date-time" and value is not None:
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", value), (where, value)
        if "minimum" in shape and value is not None:
            assert value >= shape["minimum"], (where, value)
        if isinstance(value, dict) and "properties" in shape:
            for name in shape.get("required", []):
                assert name in value, f"{where}: {name} is missing in {value}"
            for name, inner in value.items():
                if name in shape["properties"]:
                    self.check(inner, shape["properties"][name], f"{where}.{name}")
                else:
                    assert shape.get("additionalProperties", True), f"{where}: {name} is not in the document"
        if isinstance(value, list) and "items" in shape:
            for i, inner in enumerate(value):
                self.check(inner, shape["items"], f"{where}[{i}]")

    def check_answer(self, method, path, answer):
        """The operation whose path fits; its answer's form."""
        plain = path.split("?")[0]
        plain = plain if plain.startswith("/api") or plain in ("/healthz", "/readyz") else "/api/v1" + plain
        for known, methods in self.document["paths"].items():
            if method.lower() in methods and re.fullmatch(re.sub(r"{\w+}", "[^/]+", known), plain):
                operation = methods[method.lower()]
                response = operation["responses"].get(str(answer.status))
                assert response is not None, (method, path, answer)
                content = response.get("content", {}).get("application/json")
                if content is not None:
                    self.check(answer.json, content["schema"], f"{method} {plain}")
                return operation["operationId"]
        raise AssertionError(f"{method} {path} is not in the document")


class Checked:
    """A client each of whose good answers is held against the document; seen gathers the operations."""

    seen = set()

    def __init__(self, where, name=None, token=None):
        self.client = where.person(name) if name else where.client(token)
        self.forms = where.forms
        self.drill = where.drill

    def ask(self, method, path, body=None, headers=None, expect=200):
        answer = self.client.ask(method, path, body, headers)
        assert answer.status == expect, (method, path, body, answer)
        assert answer.headers.get("Mingdi-Drill") == ("1" if self.drill else None), answer.headers
        if answer.status < 300:
            self.seen.add(self.forms.check_answer(method, path, answer))
        else:
            assert answer.headers["Content-Type"] == "application/problem+json", answer.headers
            problem = answer.json
            self.forms.check(problem, self.forms.document["components"]["schemas"]["problem"], "problem")
            assert problem["status"] == expect and problem["type"] == "/problems/" + problem["name"], problem
        if self.drill and answer.body:
            assert answer.json.get("drill") is True, answer
        return answer

    def get(self, path, **more):
        return self.ask("GET", path, **more).json

    def command(self, name, body, expect=200, key=None, headers=None):
        headers = {"Idempotency-Key": key or uuid.uuid4().hex, **(headers or {})}
        return self.ask("POST", "/commands/" + name, body, headers, expect)

    def refused(self, name, method, path, body=None, headers=None, expect=None):
        """A problem of this name; its document."""
        answer = self.ask(method, path, body, headers, expect)
        assert answer.json["name"] == name, answer
        return answer


class Town(Centre):
    """With a district that has a shape, so that a place finds it."""

    def setup_folder(self):
        setup = super().setup_folder()
        (setup / "districts.csv").write_text("id,name\nold,Old Town\nnew,New Town\n")
        ring = [[11.9, 57.6], [12.1, 57.6], [12.1, 57.8], [11.9, 57.8], [11.9, 57.6]]
        shape = {"type": "Feature", "properties": {"id": "old"}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
        (setup / "districts.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [shape]}))
        return setup


def made(drill):
    centre.PEOPLE[:] = [(n, r, s, "hospital" if s == "facility" else c) for n, r, s, c in centre.PEOPLE]
    settings = {"sign_ins_per_minute": 10000, "passkeys": "true", "public_address": f"https://{SITE}"}
    where = Town(drill=drill, settings=settings).make(("gateway",)).start()
    where.forms = Forms(where.client().ask("GET", "/openapi.json").json)
    return where


# ---------------------------------------------------------------- one call, whole

def start_shifts(where):
    for crew, unit in (("crew1", 1), ("crew2", 2)):
        person = Checked(where, crew)
        if person.get(f"/units/{unit}")["state"] == "off_duty":
            person.command("unit_report", {"unit": unit, "what": "start_shift"})


def recommended_incident(where, taker):
    """A call until there is a recommendation: incident and what is recommended."""
    caller = {"number": "+46 31 703 10 00", "name": "张伟", "remarks": "third floor"}
    call = taker.ask("POST", "/calls", caller, expect=201).json["made"]
    taker.command("call_answer", {"call": call, "seat": 1})
    taker.command("call_locate", {"call": call, "point": {"lon": 11.968, "lat": 57.704}})
    triage = {"call": call, "needs": ["basic"], "priority": "severe", "units_wanted": 1}
    incident = taker.command("call_triage", triage).json["made"]
    until(lambda: taker.get(f"/incidents/{incident}")["state"] == "recommended", "a recommendation")
    return call, incident, taker.get(f"/incidents/{incident}/recommendation")


PATIENT = {"main_problem": ["chest_pain"], "age_years": 71, "sex": "female", "consciousness": "alert", "pulse": 104,
           "systolic": 95, "spo2": 0, "respiration": 22}


def describe_patient(crew, mission):
    assert crew.get(f"/missions/{mission}")["patient"] is None
    crew.command("patient_describe", {"mission": mission, **PATIENT})
    patient = crew.get(f"/missions/{mission}")["patient"]
    assert patient.pop("described_at") and patient == {**PATIENT, "spo2": None}, patient
    crew.command("patient_describe", {"mission": mission, **PATIENT, "age_years": 255, "spo2": 97})
    patient = crew.get(f"/missions/{mission}")["patient"]
    assert (patient["age_years"], patient["spo2"]) == (None, 97), patient
    crew.command("patient_describe", {"mission": mission, **PATIENT, "age_years": 131}, expect=422)
    crew.command("patient_describe", {"mission": mission, **PATIENT, "consciousness": "asleep"}, expect=422)


def acknowledge_prealert(ward, mission):
    coming = ward.get(f"/missions/{mission}")
    assert coming["prealert_at"] and coming["prealert_due_at"] and coming["prealert_acknowledged_at"] is None, coming
    assert coming["patient"]["consciousness"] == "alert" and coming["expected_at"] is None, coming
    ward.command("prealert_acknowledge", {"mission": mission, "facility": 1})
    known = ward.get(f"/missions/{mission}")
    assert known["prealert_acknowledged_at"] and known["prealert_due_at"] is None, known
    again = ward.command("prealert_acknowledge", {"mission": mission, "facility": 1}, expect=409).json
    assert again["name"] == "transition" and again["by"]["actor_kind"] == "facility", again
    ward.command("mission_report", {"mission": mission, "stage": "leave_scene"}, expect=403)


def seconds_ago(seconds):
    then = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=seconds)
    return then.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def is_told_that_it_arrived(crew, mission, unit):
    """Its positions stand at the scene: that is suggested, nothing is changed, and the report takes the time of the crossing."""
    standing = [{"unit": unit, "lon": 11.968, "lat": 57.704, "at": seconds_ago(s)} for s in (24, 12, 0)]
    assert crew.ask("POST", "/positions", standing).json["taken"] == 3
    shown = [p for p in crew.get("/positions")["items"] if p["id"] == unit][0]["suggestion"]
    assert shown["what"] == "arrive" and shown["crossed_at"][:23] == standing[0]["at"][:23], shown
    assert crew.get(f"/missions/{mission}")["state"] == "departed"
    crew.command("mission_report", {"mission": mission, "stage": "arrive", "occurred_at": shown["crossed_at"]})
    assert crew.get(f"/missions/{mission}")["on_scene_at"] == shown["crossed_at"]
    assert [p for p in crew.get("/positions")["items"] if p["id"] == unit][0]["suggestion"] is None
    text = Checked(CENTRE).client.ask("GET", "/metrics").body.decode()
    assert 'mingdi_suggestions_total{kind="arrive"} 1' in text and 'mingdi_suggestions_reported_total{kind="arrive"} 1' in text


def finish_mission(where, mission, unit, arrive=None):
    crew = Checked(where, "crew1" if unit == 1 else "crew2")
    assert crew.get(f"/missions/{mission}")["expected_at"] is not None
    for stage in ("notify", "acknowledge", "depart"):
        crew.command("mission_report", {"mission": mission, "stage": stage})
    crew.command("patient_describe", {"mission": mission, **PATIENT}, expect=409)
    if arrive is None:
        crew.command("mission_report", {"mission": mission, "stage": "arrive"})
    else:
        arrive(crew, mission, unit)
    crew.command("mission_report", {"mission": mission, "stage": "reach_patient"})
    describe_patient(crew, mission)
    ward = Checked(where, "ward")
    ward.command("beds_set", {"facility": 1, "kind": "emergency", "available": 3, "occupied": 1, "blocked": 0, "converting": 0})
    crew.command("transport_request", {"mission": mission, "needs": [], "bed_kind": "emergency", "tier_min": "community"})
    until(lambda: crew.get(f"/missions/{mission}")["recommended"], "a recommended facility")
    crew.get(f"/missions/{mission}/recommendation")
    crew.command("destination_set", {"mission": mission, "facility": 1})
    beds = ward.get("/facilities/1")["beds"]
    assert [b for b in beds if b["kind"] == "emergency"][0]["reserved"] == 1, beds
    acknowledge_prealert(ward, mission)
    crew.command("mission_report", {"mission": mission, "stage": "leave_scene"})
    left = ward.get(f"/missions/{mission}")
    assert left["expected_at"] >= left["last_change"]["at"], left  # the hospital is near
    assert left["at_facility_at"] is None and left["handed_over_at"] is None, left
    crew.command("mission_report", {"mission": mission, "stage": "reach_facility"})
    there = ward.get(f"/missions/{mission}")
    assert there["at_facility_at"] == there["last_change"]["at"], there
    ward.command("mission_report", {"mission": mission, "stage": "hand_over"})
    over = ward.get(f"/missions/{mission}")
    assert over["at_facility_at"] == there["at_facility_at"] <= over["handed_over_at"] == over["last_change"]["at"], over
    crew.command("mission_report", {"mission": mission, "stage": "end"})


def test_a_call_from_ring_to_close():
    start_shifts(CENTRE)
    taker, dispatcher = Checked(CENTRE, "wang"), Checked(CENTRE, "li")
    call, incident, recommendation = recommended_incident(CENTRE, taker)
    located = taker.get(f"/calls/{call}")
    assert located["has_caller"] and located["incident"] == incident and located["district"] == 1, located
    assert taker.get(f"/calls/{call}/answers")["items"] == []  # nothing was asked by protocol
    unit = recommendation["candidates"][0]["unit"]
    mission = dispatcher.command("unit_assign", {"incident": incident, "unit": unit}).json["made"]
    shown = dispatcher.get(f"/missions?incident={incident}&open=true")["items"]
    assert [m["id"] for m in shown] == [mission] and shown[0]["ordered"]["name"] == "Li", shown
    assert dispatcher.get(f"/incidents/{incident}")["missions"][0]["unit"] == unit
    finish_mission(CENTRE, mission, unit, is_told_that_it_arrived)
    over = dispatcher.get(f"/incidents/{incident}")
    assert (over["state"], over["outcome"], over["missions"]) == ("closed", "transported", []), over
    dispatcher.get(f"/units/{unit}")


def test_the_second_is_told_who_was_first():
    start_shifts(CENTRE)
    taker, first, second = Checked(CENTRE, "wang"), Checked(CENTRE, "li"), Checked(CENTRE, "zhao")
    _, incident, recommendation = recommended_incident(CENTRE, taker)
    _, other, _ = recommended_incident(CENTRE, taker)
    unit = recommendation["candidates"][0]["unit"]
    revision = second.get(f"/units/{unit}")["revision"]
    done = first.command("unit_assign", {"incident": incident, "unit": unit, "unit_revision": revision}).json
    refusal = second.command("unit_assign", {"incident": other, "unit": unit, "override": "other"}, expect=409).json
    assert refusal["by"]["name"] == "Li" and refusal["sequence"] == done["sequence"] and "Li" in refusal["detail"], refusal
    late = {"incident": other, "unit": unit, "unit_revision": revision, "override": "other"}
    stale = second.command("unit_assign", late, expect=412).json
    assert stale["subject"] == "unit" and stale["revision_now"] > revision and stale["by"]["name"] == "Li", stale
    for one in (incident, other):
        first.command("incident_cancel", {"incident": one})


# ---------------------------------------------------------------- HTTP as HTTP means it

def test_routes_that_are_not_there():
    person = Checked(CENTRE, "wang")
    for path in ("/nothing", "/calls/0", "/calls/01", "/calls/4294967296", "/calls/1/", "/calls/1/callers", "/commands/",
                 "/calls/-1"):
        person.refused("unknown_path", "GET", path, expect=404)
    answer = person.refused("method_not_allowed", "PUT", "/calls", {}, expect=405)
    assert answer.headers["Allow"] == "POST, GET", answer.headers
    person.refused("unknown_command", "POST", "/commands/call_anwser", {}, expect=404)
    person.refused("unknown_entity", "GET", "/calls/4000000000", expect=404)
    person.refused("unknown_parameter", "GET", "/calls?sort=id", expect=400)
    for query in ("limit=0", "limit=501", "after=x", "state=none", "open=1", "district=-1", "limit=1&limit=2"):
        person.ask("GET", "/calls?" + query, expect=400)


def test_bodies():
    person = Checked(CENTRE, "wang")
    path = "/commands/call_answer"
    person.refused("bad_json", "POST", path, b'{"call":1', expect=400)
    person.refused("bad_json", "POST", path, b'{"call":1,"call":2,"seat":1}', expect=400)
    person.refused("bad_json", "POST", path, b'{"call":"\xff"}', expect=400)
    person.refused("bad_json", "POST", path, b"[" * 100 + b"]" * 100, expect=400)
    person.refused("not_json", "POST", path, b"{}", {"Content-Type": "text/plain"}, expect=415)
    person.refused("not_json", "POST", path, b"{}", {"Content-Type": "application/jsonp"}, expect=415)
    answer = person.refused("malformed", "POST", path, {"call": 1, "seat": "x"}, expect=422)
    assert answer.json["detail"].startswith("seat must be a whole number"), answer
    person.refused("malformed", "POST", path, {"call": 1, "seat": 1, "set": 2}, expect=422)
    person.ask("POST", path, {"call": 4000000000, "seat": 1}, {"Content-Type": "application/json; charset=utf-8"}, expect=404)
    person.refused("not_acceptable", "GET", "/calls", headers={"Accept": "image/png"}, expect=406)
    person.get("/calls", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})


def test_keys_and_revisions():
    person = Checked(CENTRE, "wang")
    key = uuid.uuid4().hex
    first = person.ask("POST", "/calls", {"number": "1"}, {"Idempotency-Key": key}, 201)
    again = person.ask("POST", "/calls", {"number": "1"}, {"Idempotency-Key": key}, 201)
    assert again.json == {**first.json, "repeated": True} and again.headers["Location"] == first.headers["Location"], again
    assert Checked(CENTRE, "chen").ask("POST", "/calls", {}, {"Idempotency-Key": key}, 201).json["made"] != first.json["made"]
    person.refused("key_reused", "POST", "/calls", {"number": "2"}, {"Idempotency-Key": key}, 422)
    for bad in ("", "x" * 65, "a b", "ä"):
        person.refused("bad_request", "POST", "/calls", {}, {"Idempotency-Key": bad.encode("latin-1")}, 400)
    call = first.json["made"]
    path = "/commands/call_answer"
    tag = person.ask("GET", f"/calls/{call}").headers["ETag"]
    other = person.ask("POST", path, {"call": call, "seat": 2}, {"If-Match": tag, "Idempotency-Key": key}).json
    assert not other["repeated"], other  # the key of another command says nothing about this one
    stale = person.refused("stale_revision", "POST", path, {"call": call, "seat": 2}, {"If-Match": tag}, 412).json
    assert stale["revision_now"] == 2 and stale["subject"] == "call" and stale["by"]["name"] == "Wang", stale
    person.refused("bad_request", "POST", path, {"call": call, "seat": 2}, {"If-Match": 'W/"1"'}, 400)
    person.refused("bad_request", "POST", path, {"call": call, "seat": 2, "revision": 2}, {"If-Match": '"1"'}, 400)
    person.refused("bad_request", "POST", "/commands/call_abandon", {"call": call}, {"If-Match": '"1"'}, 400)
    person.refused("transition", "POST", path, {"call": call, "seat": 2}, {"If-Match": "*"}, 409)


def test_who_may():
    nobody = Checked(CENTRE)
    nobody.refused("not_signed_in", "GET", "/calls", expect=401)
    nobody.ask("POST", "/session", {"name": "wang", "password": PASSWORD}, expect=201)
    nobody.refused("sign_in_refused", "POST", "/session", {"name": "wang", "password": "wrong horse"}, expect=401)
    person = Checked(CENTRE, "plan")
    person.refused("not_allowed", "GET", "/calls", expect=403)
    person.refused("not_allowed", "POST", "/commands/call_offer", {}, expect=403)
    person.client.csrf = "0" * 64
    person.refused("csrf", "POST", "/commands/call_offer", {}, expect=403)
    session = Checked(CENTRE, "wang")
    shown = session.get("/session")
    assert shown["csrf"] == session.client.csrf
    assert (shown["person"]["display"], shown["person"]["sign_in"]) == ("Wang", "wang"), shown
    session.ask("DELETE", "/session", expect=204)
    session.refused("not_signed_in", "GET", "/session", expect=401)
    machine = Checked(CENTRE, token="gateway")
    assert machine.get("/session")["csrf"] is None
    machine.command("call_offer", {"external": 77})
    machine.command("call_offer", {"caller": "1"}, expect=422)
    crew = Checked(CENTRE, "crew1")
    assert [u["id"] for u in crew.get("/units")["items"]] == [1]
    crew.refused("unknown_entity", "GET", "/units/2", expect=404)


def test_messages():
    start_shifts(CENTRE)
    taker, dispatcher, crew, other = (Checked(CENTRE, name) for name in ("wang", "li", "crew1", "crew2"))
    _, incident, _ = recommended_incident(CENTRE, taker)
    text = "后门进，三楼 — the code is 4711"
    key = {"Idempotency-Key": uuid.uuid4().hex}
    sent = dispatcher.ask("POST", "/messages", {"unit": 1, "incident": incident, "text": text}, key, expect=201)
    message = sent.json["made"]
    assert sent.headers["Location"] == f"/api/v1/messages/{message}", sent.headers
    again = dispatcher.ask("POST", "/messages", {"unit": 1, "incident": incident, "text": text}, key, expect=201)
    assert again.json["repeated"] and again.json["made"] == message, again
    shown = crew.get("/messages?unit=1&open=true")["items"]
    assert [m["id"] for m in shown] == [message] and shown[0]["to_crew"] and shown[0]["from"]["name"] == "Li", shown
    assert text not in json.dumps(shown, ensure_ascii=False)
    assert crew.get(f"/messages/{message}/text") == {"message": message, "text": text}
    crew.command("message_read", {"message": message})
    read = dispatcher.get(f"/messages/{message}")
    assert read["read_at"] and read["read_by"]["actor_kind"] == "crew" and read["revision"] == 2, read
    crew.refused("transition", "POST", "/commands/message_read", {"message": message}, expect=409)
    answer = crew.ask("POST", "/messages", {"unit": 1, "text": "ok"}, expect=201).json["made"]
    assert not dispatcher.get(f"/messages/{answer}")["to_crew"]
    crew.refused("wrong_actor", "POST", "/commands/message_read", {"message": answer}, expect=403)
    dispatcher.command("message_read", {"message": answer})
    # Nobody else: not the other crew, not the hospital, not the administrator.
    other.refused("unknown_entity", "GET", f"/messages/{message}", expect=404)
    other.refused("unknown_entity", "GET", f"/messages/{message}/text", expect=404)
    reviewer, auditor = Checked(CENTRE, "review"), Checked(CENTRE, "audit")
    assert reviewer.get(f"/messages/{message}/text")["text"] == text
    rows = [row for row in auditor.get("/audit?limit=500")["items"] if row["what"] == "message read"]
    assert [(row["actor_name"], row["subject"], row["subject_id"]) for row in rows] == [("Review", "message", message)], rows
    other.refused("not_allowed", "POST", "/messages", {"unit": 1, "text": "x"}, expect=403)
    Checked(CENTRE, "ward").refused("not_allowed", "GET", f"/messages/{message}/text", expect=403)
    assert Checked(CENTRE, "admin").get("/messages")["items"] == []
    for body in ({"unit": 1}, {"unit": 1, "text": ""}, {"unit": 1, "text": "x" * 501}, {"unit": 0, "text": "x"},
                 {"unit": 1, "text": "x", "to_crew": 1}):
        dispatcher.refused("unprocessable", "POST", "/messages", body, expect=422)
    dispatcher.refused("unknown_unit", "POST", "/messages", {"unit": 999, "text": "x"}, expect=404)
    dispatcher.refused("unknown_incident", "POST", "/messages", {"unit": 1, "incident": 9999, "text": "x"}, expect=404)
    dispatcher.refused("malformed", "POST", "/commands/message_send",
                       {"unit": 1, "incident": incident, "to_crew": 1, "reference": "1"}, expect=422)
    assert Checked(CENTRE, "admin").ask("DELETE", f"/incidents/{incident}/personal").status == 200
    crew.refused("erased", "GET", f"/messages/{message}/text", expect=404)
    dispatcher.command("incident_cancel", {"incident": incident})


def test_what_was_entered_is_changed():
    admin, ward, crew = Checked(CENTRE, "admin"), Checked(CENTRE, "ward"), Checked(CENTRE, "crew2")
    unit, post, facility = (admin.get(path) for path in ("/units/2", "/posts/1", "/facilities/1"))
    moved = {"post": 1, "revision": post["revision"], "point": {"lon": 11.97, "lat": 57.71}}
    admin.command("post_change", moved)
    assert admin.get("/posts/1")["point"] == {"lon": 11.97, "lat": 57.71}
    assert admin.get("/posts/1")["revision"] == post["revision"] + 1
    admin.refused("stale_revision", "POST", "/commands/post_change", moved, expect=412)
    admin.command("post_change", {"post": 1, "point": post["point"]})
    change = {"facility": 1, "point": facility["point"], "capabilities": ["stroke"], "tier": "tier_2"}
    admin.command("facility_change", {**change, "revision": facility["revision"]})
    changed = admin.get("/facilities/1")
    assert (changed["capabilities"], changed["tier"]) == (["stroke"], "tier_2"), changed
    late = admin.command("facility_change", {**change, "revision": facility["revision"]}, expect=412).json
    assert late["subject"] == "facility" and late["revision_now"] == changed["revision"], late
    admin.command("facility_change", {**change, "capabilities": facility["capabilities"], "tier": facility["tier"]})
    ward.command("facility_report", {"facility": 1, "what": "divert"}, expect=409)
    ward.command("facility_report", {"facility": 1, "what": "divert", "cause": "equipment"})
    assert ward.get("/facilities/1")["diverting_cause"] == "equipment"
    ward.command("facility_report", {"facility": 1, "what": "reopen"})
    assert ward.get("/facilities/1")["diverting_cause"] == "none"
    ward.command("facility_change", change, expect=403)
    if unit["state"] != "off_duty":
        crew.command("unit_report", {"unit": 2, "what": "end_shift"})
    change = {"unit": 2, "post": unit["post"], "skills": unit["skills"]}
    admin.command("unit_change", {**change, "retired": 1})
    assert 2 not in [u["id"] for u in admin.get("/units")["items"]]
    assert [u["retired"] for u in admin.get("/units?retired=true")["items"] if u["id"] == 2] == [True]
    crew.refused("unit_retired", "POST", "/commands/unit_report", {"unit": 2, "what": "start_shift"}, expect=409)
    admin.command("unit_change", {**change, "retired": 0})
    crew.command("unit_report", {"unit": 2, "what": "start_shift"})


def test_pages_of_a_list():
    person = Checked(CENTRE, "wang")
    calls = [person.ask("POST", "/calls", {}, expect=201).json["made"] for _ in range(5)]
    got, after = [], calls[0] - 1
    while after is not None:
        page = person.get(f"/calls?after={after}&limit=2")
        got += [c["id"] for c in page["items"]]
        after = page["next"]
    assert got == calls, (got, calls)
    for path in ("/posts", "/posts/1", "/facilities", "/districts", "/alarms?open=true", "/incidents?state=closed",
                 "/positions", "/control", "/centre"):
        person.get(path)


# ---------------------------------------------------------------- the parts

def test_personal_data():
    taker, admin, auditor = Checked(CENTRE, "wang"), Checked(CENTRE, "admin"), Checked(CENTRE, "audit")
    call = taker.ask("POST", "/calls", {"number": "+46 31 1", "name": "A", "home": "B"}, expect=201).json["made"]
    taker.ask("PUT", f"/calls/{call}/caller", {"number": "+46 31 2", "remarks": "C"}, expect=204)
    data = taker.get(f"/calls/{call}/caller")
    assert data == {"call": call, "number": "+46 31 2", "name": "", "home": "", "remarks": "C"}, data
    admin.ask("GET", f"/calls/{call}/caller", expect=403)
    rows = auditor.get("/audit?limit=500")["items"]
    assert any(r.get("what") == "caller read" and r.get("subject_id") == call for r in rows), rows[-3:]
    taker.command("call_answer", {"call": call, "seat": 1})
    taker.command("call_locate", {"call": call, "point": {"lon": 11.968, "lat": 57.704}})
    incident = taker.command("call_triage", {"call": call, "needs": [], "priority": "urgent", "units_wanted": 1}).json["made"]
    assert admin.ask("DELETE", f"/incidents/{incident}/personal").json["calls"] == 1
    taker.refused("erased", "GET", f"/calls/{call}/caller", expect=404)
    taker.ask("PUT", f"/calls/{call}/caller", {"number": "1"}, expect=404)
    Checked(CENTRE, "li").command("incident_cancel", {"incident": incident})


def test_what_is_known_already():
    taker, crew = Checked(CENTRE, "wang"), Checked(CENTRE, "crew1")
    here, away = {"lon": 11.99, "lat": 57.72}, {"lon": 11.95, "lat": 57.69}
    calls, incidents = [], []
    for number, place in (("+46 31 777", here), ("0046-31 777", away), ("+46 31 778", {"lon": 11.9915, "lat": 57.7205})):
        call = taker.ask("POST", "/calls", {"number": number}, expect=201).json["made"]
        taker.command("call_answer", {"call": call, "seat": 1})
        taker.command("call_locate", {"call": call, "point": place})
        triage = {"call": call, "needs": [], "priority": "urgent", "units_wanted": 1}
        calls.append(call)
        incidents.append(taker.command("call_triage", triage).json["made"])
    late = taker.ask("POST", "/calls", {"number": "+4631777"}, expect=201).json["made"]
    known = taker.get(f"/calls/{late}/earlier")
    assert [c["id"] for c in known["number"]] == [calls[1], calls[0]] and known["place"] == [], known
    taker.command("call_answer", {"call": late, "seat": 1})
    taker.command("call_locate", {"call": late, "point": here})
    known = taker.get(f"/calls/{late}/earlier")
    assert [i["id"] for i in known["place"]] == [incidents[2], incidents[0]], known  # 105 m apart
    assert "+46" not in json.dumps(known), "no number is shown"
    bare = taker.ask("POST", "/calls", {}, expect=201).json["made"]
    assert taker.get(f"/calls/{bare}/earlier") == {"number": [], "place": []}
    rows = [r for r in whole_trail() if r["what"] == "earlier calls looked for"]
    assert [r["subject_id"] for r in rows] == [late, late, bare], rows
    crew.refused("unknown_entity", "GET", f"/calls/{late}/earlier", expect=404)
    Checked(CENTRE, "plan").refused("not_allowed", "GET", f"/calls/{late}/earlier", expect=403)
    taker.refused("unknown_entity", "GET", "/calls/4000000/earlier", expect=404)
    for incident in incidents:
        Checked(CENTRE, "li").command("incident_cancel", {"incident": incident})


def test_positions():
    crew = Checked(CENTRE, "crew1")
    done = crew.ask("POST", "/positions", [{"unit": 1, "lon": 11.97, "lat": 57.7}, {"unit": 2, "lon": 11.97, "lat": 57.7}]).json
    assert done["taken"] == 1 and [r["unit"] for r in done["refused"]] == [2], done
    position = crew.get("/units/1")["position"]
    assert (position["lon"], position["lat"]) == (11.97, 57.7) and position["age_s"] < 60, position
    assert [p["id"] for p in crew.get("/positions")["items"]] == [1]
    crew.ask("POST", "/positions", b'[{"unit":1,"lon":"x"}]', expect=422)


def test_people_and_tokens():
    admin = Checked(CENTRE, "admin")
    grant = {"role": "dispatcher", "scope": "centre", "id": 0}
    new = {"name": "sun", "display": "Sun", "password": PASSWORD, "grants": [grant]}
    person = admin.ask("POST", "/people", new, expect=201).json["id"]
    assert admin.get(f"/people/{person}")["name"] == "sun"
    Checked(CENTRE, "sun").get("/centre")
    admin.ask("POST", "/people", {"name": "sun", "password": PASSWORD, "grants": [grant]}, expect=422)
    admin.ask("POST", "/people", {"name": "x", "password": "short", "grants": [grant]}, expect=422)
    admin.ask("POST", "/people", {"name": "x", "password": PASSWORD, "grants": [{"role": "king", "scope": "centre"}]}, expect=422)
    admin.ask("PATCH", f"/people/{person}", {"display": "Sun Li"})
    admin.ask("PUT", f"/people/{person}/password", {"password": "another good horse"}, expect=204)
    assert "otpauth" in admin.ask("POST", f"/people/{person}/totp", {}, expect=201).json["secret"]
    admin.ask("DELETE", f"/people/{person}/totp", expect=204)
    admin.ask("DELETE", f"/people/{person}", expect=204)
    admin.get("/people?limit=3")
    token = admin.ask("POST", "/tokens", {"name": "exchange", "grant": {"role": "gateway", "scope": "centre"}}, expect=201).json
    machine = Checked(CENTRE, token=token["secret"])
    machine.get("/centre")
    admin.get("/tokens")
    admin.ask("DELETE", f"/tokens/{token['id']}", expect=204)
    machine.refused("not_signed_in", "GET", "/centre", expect=401)


def new_unit(code, post=1):
    return {"code": code, "name": "Ambulance " + code, "post": post, "external": 0, "skills": ["basic"]}


def snapshot_heard(stream):
    while True:
        line = stream.readline()
        assert line, "the stream ended"
        if line.startswith(b'data: {"type":"snapshot"'):
            return json.loads(line[6:])["state"]


def first_message(path, headers=None):
    """(the kind, whether it is a reset) of what the stream says first."""
    connection = http.client.HTTPConnection("127.0.0.1", CENTRE.port, timeout=centre.WAIT_S)
    connection.request("GET", f"/api/v1/events{path}", headers={"Cookie": CENTRE.person("wang").cookie, **(headers or {})})
    stream = connection.getresponse()
    assert stream.status == 200, (path, headers, stream.read())
    line = b""
    while not line.startswith(b"data: "):
        line = stream.readline()
        assert line, "the stream ended"
    connection.close()
    message = json.loads(line[6:])
    return message["type"], message.get("reset", False)


def test_what_an_older_program_gave_begins_anew():
    """A browser comes back with the id of its last event by itself, and never again where that is refused."""
    for given in ("1", "1-", "1-zz", "-9f86d081884c7d65", "nonsense", "1" * 60, "1-" + "9" * 60):
        assert first_message("", {"Last-Event-ID": given}) == ("snapshot", False), given
    for path in ("?after=1", "?after=1&fingerprint=", "?after=1&fingerprint=zz", "?fingerprint=", "?fingerprint=12"):
        assert first_message(path) == ("snapshot", False), path
    assert first_message("", {"Last-Event-ID": "99999999"}) == ("snapshot", True), "a number that is not reached yet"
    Checked(CENTRE, "wang").ask("GET", "/events?after=x", expect=400)


def test_units_posts_facilities_and_seats():
    admin, taker = Checked(CENTRE, "admin"), Checked(CENTRE, "wang")
    connection = http.client.HTTPConnection("127.0.0.1", CENTRE.port, timeout=centre.WAIT_S)
    connection.request("GET", "/api/v1/events", headers={"Cookie": taker.client.cookie})
    stream = connection.getresponse()
    snapshot_heard(stream)
    place = {"lon": 11.99, "lat": 57.71}
    post = admin.ask("POST", "/posts", {"code": "p-new", "name": "新站", "point": place}, expect=201).json["made"]
    shown = taker.get(f"/posts/{post}")
    assert (shown["code"], shown["name"], shown["district"]) == ("p-new", "新站", 1), shown
    key = {"Idempotency-Key": uuid.uuid4().hex}
    made = admin.ask("POST", "/units", new_unit("N1", post), key, expect=201).json
    unit = made["made"]
    shown = taker.get(f"/units/{unit}")
    named = [shown[member] for member in ("code", "name", "post_code", "district_code")]
    assert named == ["N1", "Ambulance N1", "p-new", "old"], shown
    again = admin.ask("POST", "/units", new_unit("N1", post), key, expect=201).json
    assert again == {**made, "repeated": True}, again
    taken = admin.refused("code_taken", "POST", "/units", new_unit("N1", post), expect=409)
    assert "Ambulance N1" in taken.json["detail"], taken
    assert admin.command("unit_add", {"post": 1, "skills": []}).json["made"] == unit + 1, "a bare command goes on from there"
    assert taker.get(f"/units/{unit + 1}")["code"] == ""
    admin.refused("unprocessable", "PATCH", f"/units/{unit + 1}", {"name": "without a code"}, expect=422)
    admin.ask("PATCH", f"/units/{unit + 1}", {"code": "N2", "name": "Second", "district": 2})
    assert taker.get(f"/units/{unit + 1}")["district_name"] == "New Town"
    units = {u["id"]: u for u in snapshot_heard(stream)["units"]}
    assert units[unit + 1]["code"] == "N2" and units[unit]["code"] == "N1", "consoles are told"
    admin.refused("code_taken", "PATCH", f"/units/{unit + 1}", {"code": "N1"}, expect=409)
    admin.ask("PATCH", f"/units/{unit}", {"code": "N1"})
    for bad in ({"code": ""}, {"code": "x" * 33}, {"name": "a\nb"}, {"district": 77}, {"post": 1}, {"code": " x"}, {"name": 5}):
        admin.ask("PATCH", f"/units/{unit}", bad, expect=422)
    refused = admin.ask("POST", "/units", new_unit("N9", 4000), expect=404).json
    assert refused["name"] == "unknown_post", refused
    assert admin.ask("POST", "/units", new_unit("N9"), expect=201).json["made"] == unit + 2, "a refused one leaves no name"
    for bad in ({"code": "F", "name": "F"}, {**new_unit("F"), "color": "red"}, {**new_unit("F"), "district": 9}, [1]):
        admin.ask("POST", "/units", bad, expect=422)
    hospital = {"code": "H9", "name": "Ninth", "point": place, "capabilities": ["basic"], "tier": "3", "district": 2}
    made = admin.ask("POST", "/facilities", {**hospital, "tier": tier_label()}, expect=201).json["made"]
    assert taker.get(f"/facilities/{made}")["district"] == 2
    admin.ask("PATCH", f"/facilities/{made}", {"district": 0, "name": "Ninth Hospital"})
    admin.ask("PATCH", f"/posts/{post}", {"code": "p-newer"})
    assert taker.get(f"/posts/{post}")["code"] == "p-newer" and taker.get(f"/units/{unit}")["post_code"] == "p-newer"
    seats = taker.get("/seats?limit=500")["items"]
    seat = admin.ask("POST", "/seats", {"code": "s9", "name": "Seat 9", "desk": "dispatcher"}, expect=201).json["id"]
    assert seat == seats[-1]["id"] + 1
    admin.ask("PATCH", f"/seats/{seat}", {"name": "Ninth seat"})
    assert taker.get(f"/seats?after={seat - 1}")["items"] == [
        {"id": seat, "code": "s9", "name": "Ninth seat", "desk": "dispatcher", "held_by": None}]
    admin.refused("code_taken", "POST", "/seats", {"code": "s9", "name": "x"}, expect=409)
    admin.ask("POST", "/seats", {"code": "s10", "name": "x", "desk": "king"}, expect=422)
    for path, body in (("/units", new_unit("X")), ("/seats", {"code": "X", "name": "X"})):
        taker.refused("not_allowed", "POST", path, body, expect=403)
    taker.refused("not_allowed", "PATCH", "/units/1", {"code": "X"}, expect=403)
    admin.refused("unknown_entity", "PATCH", "/units/4000", {"code": "X"}, expect=404)
    rows = [(r["what"], r["subject_id"], r["detail"]) for r in whole_trail() if r["subject"] == "unit"]
    assert ("unit added", unit, "N1, Ambulance N1, district 1") in rows, rows
    assert ("unit named", unit + 1, "N2, Second, district 2") in rows, rows
    stream.close()


def test_terminals():
    admin, taker = Checked(CENTRE, "admin"), Checked(CENTRE, "wang")
    before = admin.get("/terminals")
    wanted = {"kind": "jt808", "number": "013800138000", "unit": 1}
    added = admin.ask("POST", "/terminals", wanted, expect=201).json["id"]
    after = admin.get("/terminals")
    assert before["items"] == [] and after["version"] != before["version"], (before, after)
    shown = after["items"][0]
    assert (shown["id"], shown["number"], shown["unit"], shown["device"]) == (added, "13800138000", 1, ""), shown
    admin.refused("code_taken", "POST", "/terminals", {**wanted, "number": "13800138000"}, expect=409)
    for wrong in ({"unit": 4000}, {"number": "x"}, {"kind": "fax"}, {"device": "a b"}, {"unit": None}):
        admin.ask("POST", "/terminals", {**wanted, **wrong}, expect=422)
    taker.refused("not_allowed", "POST", "/terminals", wanted, expect=403)
    taker.refused("not_allowed", "GET", "/terminals", expect=403)
    admin.ask("POST", "/unknown_terminals", {"kind": "jt808", "number": "0666", "plate": "京A00001"}, expect=204)
    unknown = admin.get("/unknown_terminals")["items"]
    assert [(u["number"], u["plate"], u["times"]) for u in unknown] == [("666", "京A00001", 1)], unknown
    admin.ask("DELETE", f"/terminals/{added}", expect=204)
    admin.refused("unknown_entity", "DELETE", f"/terminals/{added}", expect=404)
    rows = [(r["what"], r["detail"]) for r in admin.get(f"/history/terminal/{added}")["items"]]
    assert rows == [("terminal removed", "jt808 13800138000, unit 1"), ("terminal added", "jt808 13800138000, unit 1")], rows


def tier_label():
    return CENTRE.forms.document["components"]["schemas"]["tier"]["enum"][0]


def test_roles_and_history():
    admin = Checked(CENTRE, "admin")
    roles = {r["name"]: r for r in admin.get("/roles")["items"]}
    assert len(roles) == 13 and roles["crew"]["scopes"] == ["unit"] and roles["planner"]["sees"] == []
    assert "unit_assign" in roles["dispatcher"]["commands"] and "unit_assign" not in roles["call_taker"]["commands"]
    assert "people" in roles["administrator"]["resources"] and roles["gateway"]["machine"] and not roles["crew"]["machine"]
    Checked(CENTRE, "wang").refused("not_allowed", "GET", "/roles", expect=403)
    unit = next(u for u in admin.get("/units?limit=500")["items"] if u["code"] == "N2")["id"]
    rows = admin.get(f"/history/unit/{unit}")["items"]
    assert [r["what"] for r in rows] == ["unit named"], rows
    person = next(p for p in admin.get("/people")["items"] if p["name"] == "sun")["id"]
    what = [r["what"] for r in admin.get(f"/history/person/{person}")["items"]]
    assert what[-1] == "person added" and "second factor set" in what and "sign-in" in what, what
    admin.refused("unknown_path", "GET", "/history/call/1", expect=404)
    Checked(CENTRE, "audit").refused("not_allowed", "GET", f"/history/person/{person}", expect=403)


def test_names_live_on():
    """Also those whose bearer never came about, if the process had died between the two, are seen to at the start."""
    before = Checked(CENTRE, "admin").get("/units?limit=500")["items"]
    CENTRE.kill()
    with sqlite3.connect(CENTRE.data / "centre.db") as tables:
        tables.execute("INSERT INTO directory(kind, id, code, name, district, detail) VALUES('unit', ?, 'ghost', 'Ghost', 0, '')",
                       (before[-1]["id"] + 1,))
    tables.close()
    CENTRE.start()
    admin = Checked(CENTRE, "admin")
    names = [(u["code"], u["name"]) for u in admin.get("/units?limit=500")["items"]]
    assert names == [(u["code"], u["name"]) for u in before] and ("N1", "Ambulance N1") in names, names
    made = admin.ask("POST", "/units", new_unit("N11"), expect=201).json["made"]
    assert made == before[-1]["id"] + 1 and admin.get(f"/units/{made}")["code"] == "N11"
    admin.ask("POST", "/units", new_unit("ghost"), expect=201)


def test_settings():
    admin = Checked(CENTRE, "admin")
    settings = {s["name"]: s for s in admin.get("/config")["items"]}
    assert settings["port"]["live"] is False and settings["acknowledge_limit_s"]["live"] is True, settings["port"]
    changed = {s["name"]: s for s in admin.ask("PATCH", "/config", {"acknowledge_limit_s": 77}).json["items"]}
    assert str(changed["acknowledge_limit_s"]["value"]) == "77"
    for bad in ({"port": 1}, {"nothing": 1}, {"acknowledge_limit_s": "x"}, {"acknowledge_limit_s": 5, "port": 1}):
        admin.ask("PATCH", "/config", bad, expect=422)
    still = {s["name"]: s for s in admin.get("/config")["items"]}
    assert str(still["acknowledge_limit_s"]["value"]) == "77"


def test_ones_own_account():
    admin = Checked(CENTRE, "admin")
    grants = [{"role": "dispatcher", "scope": "centre"}]
    person = admin.ask("POST", "/people", {"name": "zhou", "password": PASSWORD, "grants": grants}, expect=201).json["id"]
    here, elsewhere = Checked(CENTRE, "zhou"), Checked(CENTRE, "zhou")
    machine = Checked(CENTRE, token="gateway")
    here.ask("POST", "/session/shown", {"password": PASSWORD}, expect=204)
    here.refused("wrong_password", "POST", "/session/shown", {"password": "wrong horse it is"}, expect=403)
    here.ask("POST", "/session/shown", {}, expect=422)
    machine.refused("bad_request", "POST", "/session/shown", {"password": "x"}, expect=400)
    rows = here.get("/session/all")["items"]
    assert len(rows) == 2 and [row["way"] for row in rows] == ["password"] * 2, rows
    far = next(row["id"] for row in rows if not row["current"])
    here.ask("DELETE", f"/session/all/{far}", expect=204)
    here.refused("unknown_entity", "DELETE", f"/session/all/{far}", expect=404)
    elsewhere.refused("not_signed_in", "GET", "/session", expect=401)
    machine.refused("bad_request", "GET", "/session/all", expect=400)
    here.refused("wrong_code", "PUT", "/session/totp", {"totp": "123456"}, expect=403)
    secret = here.ask("POST", "/session/totp", expect=201).json["secret"]
    here.ask("PUT", "/session/totp", {"totp": centre.one_time_code(secret)}, expect=204)
    Checked(CENTRE).refused("totp_needed", "POST", "/session", {"name": "zhou", "password": PASSWORD}, expect=401)
    assert len(admin.get(f"/people/{person}/sessions")["items"]) == 1
    admin.ask("DELETE", f"/people/{person}/sessions", expect=204)
    here.refused("not_signed_in", "GET", "/session", expect=401)
    admin.refused("unknown_entity", "GET", "/people/9999/sessions", expect=404)
    admin.ask("DELETE", f"/people/{person}/provider", expect=204)
    admin.refused("unknown_entity", "DELETE", "/people/9999/provider", expect=404)


def passkey_begun(nobody):
    """A question for whoever comes to sign in, and the cookie of the browser that asked."""
    begun = nobody.ask("POST", "/session/passkey", expect=201)
    cookie, *marks = begun.headers["Set-Cookie"].split("; ")
    assert cookie.startswith("mingdi_passkey=") and {"HttpOnly", "Secure", "SameSite=Strict"} <= set(marks), begun.headers
    asked = begun.json
    assert (asked["site"], asked["ids"], len(asked["challenge"])) == (SITE, [], 43), asked
    return asked, {"Cookie": cookie}


def passkey_added(here, key):
    """A new one of the person who is signed in here, after answers that are not taken; its number."""
    path = "/session/passkeys"
    asked = here.ask("POST", path, expect=201).json
    assert (asked["site"], asked["sign_in"], asked["ids"]) == (SITE, "tang", []) and -7 in asked["algorithms"], asked
    made = key.make(asked, "phone")
    here.refused("unprocessable", "PUT", path, {**made, "data": "=="}, expect=422)
    here.refused("attempt_over", "PUT", path, {**made, "client_data": text_of(key.said("create", "A" * 43))}, expect=401)
    here.refused("unprocessable", "PUT", path, {**made, "client_data": text_of(key.said("get", asked["challenge"]))}, expect=422)
    here.refused("attempt_over", "PUT", path, made, expect=401)  # a challenge is good once
    number = here.ask("PUT", path, key.make(here.ask("POST", path, expect=201).json, "phone"), expect=201).json["id"]
    row, = here.get(path)["items"]
    assert (row["id"], row["name"], row["used_at"]) == (number, "phone", None), row
    assert here.ask("POST", path, expect=201).json["ids"] == [text_of(key.id)]
    return number


def passkey_signed_in(key):
    """Somebody who has shown nothing else, after answers that are not taken."""
    nobody, path = Checked(CENTRE), "/session/passkey"
    asked, cookie = passkey_begun(nobody)
    nobody.refused("unprocessable", "PUT", path, {"id": "AA"}, cookie, 422)
    nobody.refused("attempt_over", "PUT", path, key.show(asked), passkey_begun(nobody)[1], 401)  # of another browser
    for shown in (lambda q: Authenticator(key.origin, SITE).show(q),  # that nobody has
                  lambda q: {**key.show(q), "signature": text_of(key.sign(b"something else"))},
                  lambda q: key.show(q, PRESENT),  # nobody has looked whose finger it is
                  lambda q: {**key.show(q), "user": "AA"}):
        asked, cookie = passkey_begun(nobody)
        nobody.refused("passkey_refused", "PUT", path, shown(asked), cookie, 401)
    asked, cookie = passkey_begun(nobody)
    answer = nobody.ask("PUT", path, key.show(asked), cookie, 201)
    assert answer.json["person"]["sign_in"] == "tang" and answer.json["passkeys"] == 1 and answer.json["owes"] == [], answer
    nobody.client.csrf = answer.json["csrf"]
    nobody.client.cookie = next(c.split(";")[0] for c in answer.headers.get_all("Set-Cookie") if "mingdi_passkey" not in c)
    return nobody


def test_passkeys():
    admin = Checked(CENTRE, "admin")
    grants = [{"role": "dispatcher", "scope": "centre"}]
    person = admin.ask("POST", "/people", {"name": "tang", "password": PASSWORD, "grants": grants}, expect=201).json["id"]
    here, key = Checked(CENTRE, "tang"), Authenticator(f"https://{SITE}", SITE)
    assert here.get("/welcome")["passkeys"] is True and here.get("/session")["passkeys"] == 0
    assert here.get("/session/passkeys")["items"] == []
    here.refused("unknown_entity", "POST", "/session/shown/passkey", expect=404)
    here.refused("unknown_entity", "DELETE", "/session/passkeys/1", expect=404)
    admin.refused("unknown_entity", "DELETE", f"/people/{person}/passkeys", expect=404)
    Checked(CENTRE, token="gateway").refused("bad_request", "GET", "/session/passkeys", expect=400)
    number = passkey_added(here, key)
    alone = Checked(CENTRE, "tang")  # by the password alone, which changes nothing now
    assert alone.get("/session")["owes"] == ["second_factor"]
    alone.refused("passkey_needed", "PUT", "/session/password", {"old": PASSWORD, "new": "another good horse"}, expect=403)
    there = passkey_signed_in(key)
    assert [row["way"] for row in there.get("/session/all")["items"] if row["current"]] == ["passkey"]
    assert there.get("/session/passkeys")["items"][0]["used_at"] is not None
    asked = there.ask("POST", "/session/shown/passkey", expect=201).json
    assert asked["ids"] == [text_of(key.id)], asked
    there.ask("PUT", "/session/shown/passkey", key.show(asked), expect=204)
    there.refused("attempt_over", "PUT", "/session/shown/passkey", key.show(asked), expect=401)
    key.counter = 1  # as that of a copy that was made early
    asked = there.ask("POST", "/session/shown/passkey", expect=201).json
    there.refused("passkey_copied", "PUT", "/session/shown/passkey", key.show(asked), expect=403)
    here.refused("not_allowed", "DELETE", f"/people/{person}/passkeys", expect=403)
    there.ask("DELETE", f"/session/passkeys/{number}", expect=204)
    assert there.get("/session/passkeys")["items"] == []
    here.refused("not_signed_in", "GET", "/session", expect=401)  # all but the one that removed it
    passkey_added(there, Authenticator(f"https://{SITE}", SITE))
    admin.ask("DELETE", f"/people/{person}/passkeys", expect=204)
    there.refused("not_signed_in", "GET", "/session", expect=401)
    trail = [row["what"] for row in whole_trail() if row["subject_id"] == person]
    assert [trail.count(what) for what in ("own passkey added", "own passkey removed", "passkeys taken away")] == [2, 1, 1], trail


def test_a_drill_has_no_passkeys():
    """Though the setting is on; what is there may go all the same."""
    nobody, taker = Checked(DRILL), Checked(DRILL, "wang")
    assert nobody.get("/welcome")["passkeys"] is False and taker.get("/session")["passkeys"] is None
    for path in ("/session/passkey", "/session/shown/passkey", "/session/passkeys"):
        who = nobody if path == "/session/passkey" else taker
        who.refused("no_passkeys", "POST", path, expect=404)
        who.refused("no_passkeys", "PUT", path, {}, expect=404)
    taker.refused("no_passkeys", "GET", "/session/passkeys", expect=404)
    taker.refused("no_passkeys", "DELETE", "/session/passkeys/1", expect=404)
    Checked(DRILL, "admin").refused("unknown_entity", "DELETE", "/people/1/passkeys", expect=404)


def test_identity_provider():
    """None is set here: oidc_test.py has one."""
    nobody = Checked(CENTRE)
    assert nobody.get("/welcome")["provider"] is None
    nobody.refused("no_provider", "POST", "/session/provider", expect=404)
    nobody.refused("no_provider", "POST", "/session/provider/return", {"state": "x"}, expect=404)
    assert Checked(CENTRE, "wang").get("/session/provider")["address"] is None
    Checked(CENTRE, "wang").refused("not_allowed", "DELETE", "/people/1/provider", expect=403)


def test_welcome():
    nobody = Checked(CENTRE)
    live = nobody.get("/welcome")
    assert (live["drill"], live["accounts"], live["password"]) == (False, [], None), live
    assert live["name"] == nobody.get("/readyz")["name"] == Checked(CENTRE, "wang").get("/centre")["name"], live
    admin = Checked(CENTRE, "admin")
    admin.ask("PATCH", "/config", {"drill_accounts": True, "drill_password_hint": PASSWORD})
    assert nobody.get("/welcome")["accounts"] == [] and nobody.get("/welcome")["password"] is None
    visitor, admin = Checked(DRILL), Checked(DRILL, "admin")
    assert visitor.get("/welcome")["accounts"] == [], "a drill tells nothing unless it is wanted"
    admin.ask("PATCH", "/config", {"drill_accounts": True, "drill_password_hint": "as on the board"})
    told = visitor.get("/welcome")
    assert {"name": "wang", "display": "Wang", "roles": ["call_taker"]} in told["accounts"], told
    assert told["password"] == "as on the board" and told["drill"] is True, told
    grants = [{"role": "hospital", "scope": "facility", "id": 1}]
    person = admin.ask("POST", "/people", {"name": "gone", "password": PASSWORD, "grants": grants}, expect=201).json["id"]
    assert "gone" in [a["name"] for a in visitor.get("/welcome")["accounts"]]
    admin.ask("DELETE", f"/people/{person}", expect=204)
    assert "gone" not in [a["name"] for a in visitor.get("/welcome")["accounts"]]


def test_ones_own_password():
    admin = Checked(CENTRE, "admin")
    grants = [{"role": "dispatcher", "scope": "centre"}]
    admin.ask("POST", "/people", {"name": "qian", "password": PASSWORD, "grants": grants}, expect=201)
    here, elsewhere = Checked(CENTRE, "qian"), Checked(CENTRE, "qian")
    path, newer = "/session/password", "a newer horse, and better"
    here.refused("wrong_password", "PUT", path, {"old": "wrong horse it is", "new": newer}, expect=403)
    here.refused("unprocessable", "PUT", path, {"old": PASSWORD, "new": "short"}, expect=422)
    here.refused("unprocessable", "PUT", path, {"old": PASSWORD, "new": PASSWORD}, expect=422)
    here.ask("PUT", path, {"old": PASSWORD}, expect=422)
    here.ask("PUT", path, {"old": PASSWORD, "new": "x" * 2000}, expect=422)
    here.ask("PUT", path, {"old": PASSWORD, "new": newer}, expect=204)
    here.get("/session")
    elsewhere.refused("not_signed_in", "GET", "/session", expect=401)
    Checked(CENTRE).refused("sign_in_refused", "POST", "/session", {"name": "qian", "password": PASSWORD}, expect=401)
    Checked(CENTRE).ask("POST", "/session", {"name": "qian", "password": newer}, expect=201)
    Checked(CENTRE, token="gateway").refused("bad_request", "PUT", path, {"old": newer, "new": PASSWORD}, expect=400)
    trail = whole_trail()
    assert [e["what"] for e in trail].count("own password changed") == 1, trail


def whole_trail():
    auditor, got, after = Checked(CENTRE, "audit"), [], 0
    while after is not None:
        page = auditor.get(f"/audit?limit=500&after={after}")
        got += page["items"]
        after = page["next"]
    return got


def test_control():
    taker = Checked(CENTRE, "wang")
    assert taker.ask("PUT", "/control/seat/1").json["held_by"]["name"] == "Wang"
    Checked(CENTRE, "chen").refused("taken_already", "PUT", "/control/seat/1", expect=409)
    assert taker.get("/control")["items"][0]["kind"] == "seat"
    assert taker.get("/seats")["items"][0]["held_by"]["name"] == "Wang"
    for name in ("crew1", "ward", "review"):  # who sits where is for those who sit there
        looker = Checked(CENTRE, name)
        assert looker.get("/control")["items"] == [] and looker.get("/seats")["items"][0]["held_by"] is None, name
    assert "items" in Checked(CENTRE, "audit").get("/protocols")
    taker.ask("PUT", "/control/facility/1", expect=403)
    taker.ask("PUT", "/control/seat/99", expect=404)
    taker.ask("PUT", "/control/desk/1", expect=404)
    taker.ask("DELETE", "/control/seat/1", expect=204)
    taker.refused("not_held", "DELETE", "/control/seat/1", expect=409)


def hands_heard(stream):
    """The items of the next message of hands."""
    while True:
        line = stream.readline()
        assert line, "the stream ended"
        message = json.loads(line[6:]) if line.startswith(b"data: ") else {}
        if message.get("type") == "hands":
            return [(h["kind"], h["id"], h["name"]) for h in message["items"]]


def test_hands():
    wang, wang_too, li, crew = (Checked(CENTRE, name) for name in ("wang", "wang", "li", "crew1"))
    call = wang.ask("POST", "/calls", {}, expect=201).json["made"]
    streams = []
    for person in (li, crew, wang):
        connection = http.client.HTTPConnection("127.0.0.1", CENTRE.port, timeout=centre.WAIT_S)
        connection.request("GET", "/api/v1/events", headers={"Cookie": person.client.cookie})
        streams.append(connection.getresponse())
    assert [hands_heard(s) for s in streams] == [[], [], []], "an empty list comes first"
    wang.ask("PUT", f"/hands/call/{call}", expect=204)
    assert hands_heard(streams[0]) == [("call", call, "Wang")] == hands_heard(streams[2])
    wang.ask("PUT", "/hands/unit/1", expect=204)
    assert hands_heard(streams[0]) == [("unit", 1, "Wang")] == hands_heard(streams[1]), "it has moved, and is the crew's"
    wang.ask("DELETE", f"/hands/call/{call}", expect=204)
    wang_too.ask("PUT", "/hands/facility/1", expect=204)
    assert sorted(hands_heard(streams[0])) == [("facility", 1, "Wang"), ("unit", 1, "Wang")]
    wang_too.ask("DELETE", "/session", expect=204)
    assert hands_heard(streams[0]) == [("unit", 1, "Wang")], "gone with its session"
    wang.ask("DELETE", "/hands/unit/1", expect=204)
    assert hands_heard(streams[0]) == []
    wang.refused("unknown_entity", "PUT", "/hands/call/4000000", expect=404)
    wang.refused("unknown_path", "PUT", "/hands/seat/1", expect=404)
    crew.refused("unknown_entity", "PUT", f"/hands/call/{call}", expect=404)
    crew.refused("unknown_entity", "PUT", "/hands/unit/2", expect=404)
    Checked(CENTRE, token="gateway").refused("bad_request", "PUT", "/hands/unit/1", expect=400)
    Checked(CENTRE, "plan").refused("not_allowed", "PUT", "/hands/unit/1", expect=403)
    for stream in streams:
        stream.close()


def test_reports():
    review, commander = Checked(CENTRE, "review"), Checked(CENTRE, "chen")
    page = review.get("/entries?limit=3")
    assert [e["sequence"] for e in page["items"]] == [1, 2, 3] and page["next"] == 3, page
    assert page["items"][0]["command"]["command"] == "centre_open"
    got, after = [], 0
    while after is not None:
        page = review.get(f"/entries?after={after}&limit=50")
        got += [e["sequence"] for e in page["items"]]
        after = page["next"]
    assert got == list(range(1, len(got) + 1)) and len(got) >= commander.get("/centre")["sequence"] - 1, got[-1]
    period = "from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z"
    until(lambda: commander.get("/indicators?" + period)["calls"], "report rows")
    commander.get("/reports/calls?limit=2&" + period)
    commander.refused("unknown_parameter", "GET", "/indicators?from=x&to=y", expect=400)
    assert commander.get("/indicators")["sequence"] > 0  # of the last day


def whole_story(reviewer, incident, limit=500):
    items, after = [], 0
    while after is not None:
        page = reviewer.get(f"/incidents/{incident}/history?after={after}&limit={limit}")
        items, after = items + page["items"], page["next"]
    return items


def test_the_past():
    """One call from ring to close, read back as a story, as frames, as counts."""
    start_shifts(CENTRE)
    begin = Checked(CENTRE, "wang").get("/centre")["now"]
    taker, dispatcher, reviewer = Checked(CENTRE, "wang"), Checked(CENTRE, "li"), Checked(CENTRE, "review")
    call, incident, recommendation = recommended_incident(CENTRE, taker)
    unit = recommendation["candidates"][0]["unit"]
    mission = dispatcher.command("unit_assign", {"incident": incident, "unit": unit}).json["made"]
    during = whole_story(reviewer, incident)
    finish_mission(CENTRE, mission, unit)
    until(lambda: [c for c in reviewer.get("/reports/calls?limit=500")["items"] if c["incident"] == incident], "its row")
    story = whole_story(reviewer, incident)
    assert story[:len(during)] == during and whole_story(reviewer, incident, 3) == story
    names = [e["event"] for entry in story for e in entry["events"]]
    steps = ["call_offered", "call_answered", "call_located", "incident_opened", "units_recommended", "unit_assigned",
             "destination_chosen", "mission_ended", "incident_closed"]
    assert [n for n in names if n in steps] == steps, names
    assert all(e.get("call", call) == call and e.get("mission", mission) == mission for entry in story for e in entry["events"])
    commander = Checked(CENTRE, "chen")

    def told():  # whole seconds only: the last one may have to pass first
        frames = commander.get(f"/timeline?from={begin}&step_s=1")["frames"]
        return [e["what"]["event"] for f in frames for e in f["events"]]
    until(lambda: "incident_closed" in told(), "the last frame")
    assert "incident_opened" in told() and "mission_progressed" in told()
    timeline = commander.get(f"/timeline?from={begin}&step_s=1")
    assert {u["id"]: u["code"] for u in timeline["units"]}[1] == "u1", timeline["units"]
    assert {row[0] for row in timeline["frames"][0]["units"]} >= {1, 2}
    for bad in ("step_s=0", "from=2026-01-01T00:00:00Z", f"from={begin}&to=2020-01-01T00:00:00Z"):
        reviewer.refused("unknown_parameter", "GET", "/timeline?" + bad, expect=400)
    hours = Checked(CENTRE, "plan").get("/reports/hours")["items"]
    calls = Checked(CENTRE, "chen").get("/indicators")["calls"]["all"]
    assert len(hours) == 24 and sum(h["calls"] for h in hours) >= calls > 0 and hours[-1]["missions"] > 0, hours
    demand = Checked(CENTRE, "plan").get("/demand?days=1")
    assert all(n >= 3 for _, _, n in demand["cells"]) and demand["cell_m"] == 500, demand
    reviewer.refused("unknown_entity", "GET", "/incidents/4000000/history", expect=404)
    reviewer.refused("unknown_parameter", "GET", "/demand?days=0", expect=400)
    for name in ("wang", "crew1", "plan", "audit"):
        Checked(CENTRE, name).refused("not_allowed", "GET", f"/incidents/{incident}/history", expect=403)
        Checked(CENTRE, name).refused("not_allowed", "GET", "/timeline", expect=403)


def test_metrics_and_pages():
    nobody = Checked(CENTRE)
    text = nobody.client.ask("GET", "/metrics")
    assert text.status == 200 and b"\nmingdi_ready 1\n" in text.body
    hidden = nobody.client.ask("GET", "/metrics", headers={"X-Forwarded-For": "192.0.2.1"})
    assert hidden.status == 401, hidden
    twice = http.client.HTTPConnection("127.0.0.1", CENTRE.port, timeout=centre.WAIT_S)
    twice.putrequest("GET", "/metrics")
    for _ in range(2):
        twice.putheader("X-Forwarded-For", "192.0.2.1")
    twice.endheaders()
    assert twice.getresponse().status == 401
    twice.close()
    if shutil.which("promtool"):
        checked = subprocess.run(["promtool", "check", "metrics"], input=text.body, capture_output=True)
        assert checked.returncode == 0, checked
    for path in ("/healthz", "/readyz"):
        nobody.get(path)
    for page in ("/about", "/api"):
        answer = ask_page(page)
        assert answer.status == 200 and b"<!doctype html>" in answer.body
        for name in re.findall(rb'(?:src|href)="(/pages/[^"]+)"', answer.body):
            assert ask_page(name.decode()).status == 200, name
        assert not re.search(rb"<style|style=|<script>|onclick|https?://", answer.body), page
    assert ask_page("/pages/none.css").status == 404


def ask_page(path):
    """centre.py puts /api/v1 before what it does not know."""
    import http.client
    connection = http.client.HTTPConnection("127.0.0.1", CENTRE.port, timeout=centre.WAIT_S)
    connection.request("GET", path)
    answer = connection.getresponse()
    found = centre.Answer(answer.status, answer.headers, answer.read())
    connection.close()
    return found


def test_a_drill_says_so_everywhere():
    taker = Checked(DRILL, "wang")
    assert taker.get("/centre")["drill"] is True
    taker.ask("POST", "/calls", {"number": "1"}, expect=201)
    taker.get("/calls")
    taker.get("/calls/1")
    taker.get("/calls/1/caller")
    taker.ask("GET", "/calls/9", expect=404)
    crew = DRILL.person("crew1")
    assert crew.ask("GET", "/units/1", headers={"Mingdi-Drill": "0"}).json["name"] == "drill_not_said"
    assert crew.ask("GET", "/units/1").status == 200
    commander = Checked(DRILL, "chen")
    assert commander.ask("PUT", "/drill/speed", {"speed": 60}).json["speed"] == 60
    assert commander.get("/centre")["speed"] == 60
    commander.ask("PUT", "/drill/speed", {"speed": 61}, expect=422)
    Checked(DRILL, "admin").get("/people")
    Checked(CENTRE, "chen").refused("not_a_drill", "PUT", "/drill/speed", {"speed": 2}, expect=409)


def test_a_form_from_paper():
    """As it is documented; what may be entered, tests/process/paper_test.py says."""
    now = datetime.datetime.now(datetime.timezone.utc)
    before = lambda minutes: f"{now - datetime.timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ}"
    body = {"form": 261122407000112, "outage_begun_at": before(60), "outage_ended_at": before(5), "occurred_at": before(30),
            "result": "no_unit", "call_outcome": "advice", "needs": [], "priority": "non_urgent", "units_wanted": 0, "items": []}
    body["form"] += 1 - body["form"] % 97
    made = Checked(CENTRE, "wang").ask("POST", "/paper", body, expect=201).json["made"]
    shown = Checked(CENTRE, "wang").get(f"/calls?form={body['form']}")["items"]
    assert [(call["id"], call["state"]) for call in shown] == [(made, "closed")], shown
    listed = Checked(CENTRE, "wang").get("/calls?afterwards=true&limit=500")["items"]
    assert made in [call["id"] for call in listed] and all(call["form"] for call in listed), listed


def test_an_alarm():
    taker, admin = Checked(DRILL, "wang"), Checked(DRILL, "admin")
    admin.ask("PATCH", "/config", {"ring_limit_s": 1})
    call = taker.ask("POST", "/calls", {}, expect=201).json["made"]
    alarm = until(lambda: [a for a in taker.get("/alarms?open=true")["items"] if a["subject"] == call], "an alarm")[0]
    assert (alarm["kind"], alarm["subject_kind"], alarm["owner"]) == ("ring_unanswered", "call", "call_taker"), alarm
    taker.command("alarm_acknowledge", {"alarm": alarm["id"], "revision": alarm["revision"]})
    shown = taker.get(f"/alarms/{alarm['id']}")
    assert shown["state"] == "acknowledged" and shown["acknowledged_by"]["name"] == "Wang", shown
    taker.command("call_answer", {"call": call, "seat": 1})
    assert taker.get(f"/alarms/{alarm['id']}")["end"] == "happened"


def test_places_and_ways():
    """Their forms; tests/process/places_test.py asks what they say."""
    taker = Checked(CENTRE, "wang")
    assert taker.get("/places?q=east+street+1&near=11.968,57.702")["items"][0]["name"] == "East Street 1"
    assert taker.get("/places/at?lon=11.965&lat=57.702")["road"] == "East Street 1"
    assert taker.get("/routes?from=11.96,57.7&to=11.97,57.704")["steps"]
    assert len(taker.get("/isochrones?at=11.96,57.7&minutes=1,2")["features"]) == 2
    assert taker.get("/coverage?minutes=4")["districts"]
    taker.refused("out_of_reach", "GET", "/routes?from=0,0&to=11.97,57.704", expect=404)


def test_every_operation_was_asked():
    """Last: what the document lists and nobody above has tried."""
    operations = {o["operationId"] for methods in CENTRE.forms.document["paths"].values() for o in methods.values()}
    elsewhere = {"open_stream", "open_events", "show_start_page", "show_api_page", "show_page_file", "show_metrics",
                 "show_openapi", "command", "list_protocols", "show_protocol",  # protocols_test.py
                 "show_map", "show_tile", "show_district_shapes",  # map_test.py
                 "begin_provider", "finish_provider", "forget_provider"}  # oidc_test.py
    never = {o for o in operations - Checked.seen - elsewhere if not o.startswith("command_")}
    assert not never, sorted(never)


def test_rate_limit():
    admin = Checked(CENTRE, "admin")
    admin.ask("PATCH", "/config", {"requests_per_minute": 10})
    answers = [admin.client.ask("GET", "/centre") for _ in range(30)]
    limited = [a for a in answers if a.status == 429]
    assert limited and int(limited[0].headers["Retry-After"]) >= 1 and limited[0].json["name"] == "too_many_requests", answers[-1]
    assert Checked(CENTRE, token="gateway").get("/centre")


def test_a_clean_stop():
    for where in (CENTRE, DRILL):
        assert where.stop() == 0, where.log_tail()


TESTS = [test_a_call_from_ring_to_close, test_the_second_is_told_who_was_first, test_routes_that_are_not_there, test_bodies,
         test_keys_and_revisions, test_who_may, test_pages_of_a_list, test_personal_data,
         test_messages, test_what_was_entered_is_changed,
         test_what_is_known_already, test_positions, test_people_and_tokens, test_ones_own_account,
         test_what_an_older_program_gave_begins_anew, test_passkeys, test_a_drill_has_no_passkeys,
         test_units_posts_facilities_and_seats, test_terminals, test_roles_and_history, test_names_live_on,
         test_settings, test_identity_provider, test_welcome, test_ones_own_password,
         test_control, test_hands, test_reports, test_the_past, test_metrics_and_pages, test_a_drill_says_so_everywhere,
         test_an_alarm, test_a_form_from_paper, test_places_and_ways, test_every_operation_was_asked, test_rate_limit,
         test_a_clean_stop]

if __name__ == "__main__":
    try:
        CENTRE, DRILL = made(False), made(True)
        main(TESTS)
    finally:
        for made_centre in (CENTRE, DRILL):
            if made_centre is not None and made_centre.process.poll() is not None:
                print(made_centre.log_tail())
            if made_centre is not None:
                made_centre.remove()
