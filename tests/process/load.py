"""Load for the process tests: clients that work without pause and never tire, a ledger of what they were told, and the
check of that ledger against the journal.

Each worker is a seat with calls of its own, and the first three have a unit and its crew too: calls ring (some with
the caller's data), are answered, located, become advice or incidents, units are assigned, crews press their buttons,
hospitals are chosen and beds counted. What has no answer is repeated with the same idempotency key, as every good
client does; when the workers have been let go home, nothing is left without an answer. So in the end the journal's
entries with a key are exactly those that were acknowledged: nothing is lost, nothing is done twice, nothing was done
without being told.
"""
import collections
import http.client
import json
import random
import threading
import time

import centre
from centre import run, until

UNITS = 3
STAGES_OUT = ("notify", "acknowledge", "depart", "arrive", "reach_patient")
STAGES_IN = ("leave_scene", "reach_facility", "hand_over", "end")
UNASKED = ("travel_times", "facility_times", "time_passed", "units_position")  # entries that nobody outside sends, or lossy ones
SETTINGS = {"requests_per_minute": 1000000, "sign_ins_per_minute": 10000}

centre.PEOPLE[:] += [("crew3", "crew", "unit", "u3")]


class Ledger:
    def __init__(self):
        self.lock, self.sent, self.answers = threading.Lock(), {}, {}
        self.problems, self.refused, self.looks = collections.Counter(), collections.Counter(), collections.Counter()
        self.callers, self.repeated = {}, 0

    def send(self, key, name, body):
        with self.lock:
            assert key not in self.sent, key
            self.sent[key] = (name, body)

    def answer(self, key, answer):
        with self.lock:
            assert key not in self.answers, key
            self.answers[key] = answer
            self.repeated += answer["repeated"]

    def problem(self, answer):
        with self.lock:
            self.problems[answer.json["name"]] += 1


class Gone(Exception):
    """The server does not come back, and the test has said so."""


class Worker(threading.Thread):
    def __init__(self, where, number, ledger, seed):
        super().__init__(daemon=True)
        self.where, self.number, self.ledger, self.trouble = where, number, ledger, None
        self.random, self.count = random.Random(seed * 1000 + number), 0
        self.going, self.hopeless, self.gateway = threading.Event(), threading.Event(), where.client("gateway")
        self.going.set()

    # ---- asking ----
    def ask(self, client, method, path, body=None, key=None):
        """Until there is an answer that says something about the request."""
        while not self.hopeless.is_set():
            try:
                answer = client.ask(method, path, body, {"Idempotency-Key": key} if key else None)
            except (OSError, http.client.HTTPException):
                time.sleep(0.005)
                continue
            if answer.status not in (429, 503):
                return answer
            self.ledger.problem(answer)
            time.sleep(0.02)
        raise Gone

    def act(self, client, name, path, body):
        """A command: what it made, or None when it was refused by name."""
        self.count += 1
        key = f"w{self.number}-{self.count}"
        self.ledger.send(key, name, body)
        answer = self.ask(client, "POST", path, body, key)
        if answer.status in (200, 201):
            self.ledger.answer(key, answer.json)
            return answer.json
        assert answer.status in (404, 409, 412), (name, body, answer)
        with self.ledger.lock:
            self.ledger.refused[name, answer.json["name"]] += 1
        return None

    def command(self, client, name, **body):
        return self.act(client, name, f"/commands/{name}", body)

    def must(self, client, name, **body):
        """Nobody else touches what this worker works on, so a refusal would say that something was done twice, or lost."""
        done = self.command(client, name, **body)
        assert done is not None, (name, body, self.ledger.refused)
        return done

    # ---- working ----
    def ring(self):
        external = self.number * 1000000 + self.count
        if self.random.random() < 0.7:
            return self.must(self.gateway, "call_offer", external=external)["made"]
        caller = {"number": f"+46 31 {external}", "name": f"Caller {external}", "external": external}
        call = self.act(self.seat, "call_offer", "/calls", caller)["made"]
        self.ledger.callers[call] = caller
        return call

    def incident_of(self, call):
        triage = {"needs": ["basic"], "units_wanted": 1, "priority": self.random.choice(["critical", "severe", "urgent"])}
        return self.must(self.seat, "call_triage", call=call, **triage)["made"]

    def state_of(self, what):
        answer = self.ask(self.seat, "GET", what)
        assert answer.status == 200, (what, answer)
        return answer.json

    def one_call(self):
        call = self.ring()
        self.must(self.seat, "call_answer", call=call, seat=self.number)
        place = {"lon": 11.9601 + self.random.random() * 0.0159, "lat": 57.704}
        self.must(self.seat, "call_locate", call=call, point=place)
        if self.random.random() < 0.3:
            self.must(self.seat, "call_close", call=call, outcome="advice")
            return
        incident = self.incident_of(call)
        if not self.crew or not self.one_mission(incident):
            self.command(self.seat, "incident_cancel", incident=incident)

    def one_mission(self, incident):
        for _ in range(200):
            if self.state_of(f"/incidents/{incident}")["state"] in ("recommended", "queued"):
                break
        made = self.command(self.seat, "unit_assign", incident=incident, unit=self.number, override="other")
        if made is None:
            return False
        mission = made["made"]
        for stage in STAGES_OUT:
            self.must(self.crew, "mission_report", mission=mission, stage=stage)
        if self.random.random() < 0.3:
            self.must(self.crew, "mission_report", mission=mission, stage="end")
            return True
        self.must(self.crew, "transport_request", mission=mission, needs=[], bed_kind="emergency", tier_min="community")
        self.must(self.crew, "destination_set", mission=mission, facility=1, override="other")
        for stage in STAGES_IN:
            self.must(self.crew, "mission_report", mission=mission, stage=stage)
        return True

    def count_beds(self):
        self.must(self.ward, "beds_set", facility=1, kind="emergency", available=500 + self.random.randrange(500), occupied=3,
                  blocked=0, converting=0)

    # ---- the thread ----
    def sign_in(self, name):
        while not self.hopeless.is_set():
            try:
                return self.where.person(name)
            except (OSError, http.client.HTTPException, AssertionError):
                time.sleep(0.05)
        raise Gone

    def work(self):
        self.seat, self.ward = self.sign_in("chen"), self.sign_in("ward")
        self.crew = self.sign_in(f"crew{self.number}") if self.number <= UNITS else None
        if self.crew and self.state_of(f"/units/{self.number}")["state"] == "off_duty":
            self.must(self.crew, "unit_report", unit=self.number, what="start_shift")
        self.count_beds()
        while self.going.is_set():
            self.one_call()
            if self.random.random() < 0.2:
                self.count_beds()

    def run(self):
        try:
            self.work()
        except Gone:
            pass
        except Exception as trouble:  # told by the test, in its own thread
            self.trouble = trouble


class Load:
    """Some workers, from beginning to end."""

    def __init__(self, where, seed, workers=4):
        self.where, self.ledger = where, Ledger()
        self.workers = [Worker(where, n, self.ledger, seed) for n in range(1, workers + 1)]
        for worker in self.workers:
            worker.start()

    def count(self):
        for worker in self.workers:
            if worker.trouble is not None:
                raise AssertionError(f"worker {worker.number}: {worker.trouble!r}") from worker.trouble
        return len(self.ledger.answers)

    def until_more(self, more, what="more answers"):
        wanted = self.count() + more
        until(lambda: self.count() >= wanted, what)

    def go_home(self):
        """Nothing new; what was begun is finished and answered."""
        for worker in self.workers:
            worker.going.clear()
        self.join()

    def give_up(self):
        for worker in self.workers:
            worker.going.clear()
            worker.hopeless.set()
        self.join()

    def join(self):
        for worker in self.workers:
            worker.join(120)
            assert not worker.is_alive(), f"worker {worker.number} has no answer"
        self.count()


# ---------------------------------------------------------------- checks

def once(pairs):
    assert len(dict(pairs)) == len(pairs), f"a member twice: {pairs}"
    return dict(pairs)


def entries(where):
    """The journal as the program shows it."""
    return [json.loads(line, object_pairs_hook=once) for line in run("journal", "show", where.journal()).stdout.splitlines()]


def check_ledger(ledger, journal, all_answered=True, foreign=None):
    """foreign: the number that the calls of others than the workers have, who keep no ledger."""
    keys, outside, by_sequence = set(), set(), {}
    for entry in journal:
        command, sequence, key = entry["command"], entry["sequence"], entry.get("key")
        by_sequence[sequence] = command
        assert key is None or key not in keys, f"key {key} stands there twice, again at {sequence}"
        keys.add(key)
        if foreign is not None and command.get("external") == foreign:
            continue
        if command["command"] not in UNASKED and (key is not None or entry["actor_kind"] != "admin"):
            outside.add(sequence)
    assert list(by_sequence) == list(range(1, len(journal) + 1)), "sequences have a gap"
    acknowledged = {answer["sequence"] for answer in ledger.answers.values()}
    assert len(acknowledged) == len(ledger.answers), "two keys were told one entry"
    assert not acknowledged - outside, f"acknowledged and not there: {sorted(acknowledged - outside)[:20]}"
    if all_answered:
        assert not outside - acknowledged, f"there and never told: {sorted(outside - acknowledged)[:20]}"
    for key, answer in ledger.answers.items():
        check_entry(ledger.sent[key], answer, by_sequence[answer["sequence"]], key)
    only = {("unit_assign", n) for n in ("override_needs_reason", "unit_not_available", "incident_closed", "enough_units")}
    assert not set(ledger.refused) - only, ledger.refused


def check_entry(sent, answer, command, key):
    name, body = sent
    assert command["command"] == name, (key, name, answer, command)
    for field in ("call", "incident", "facility", "external", "mission", "stage", "unit", "seat", "available", "what"):
        if field in body:
            assert command[field] == body[field], (key, field, body, command)


def check_whole(where):
    """Chain, audit trail, report against a replay; every command decided again; returns what verify told."""
    told = json.loads(run("journal", "verify", where.journal()).stdout)
    assert told["sound"] and told["audit"]["rows"] > 0 and "rows" in told["report"], told
    again = json.loads(run("replay", where.journal(), "--verify").stdout)
    assert again["last_sequence"] == told["last_sequence"], (again, told)
    assert again["equal"] in (True, None), again
    return {**told, "equal": again["equal"]}


def lag(where, who=None):
    """who: somebody with the right to read metrics; the machine itself needs none."""
    text = (who or where.client()).ask("GET", "/metrics").body.decode()
    return float(next(line.split()[1] for line in text.splitlines() if line.startswith("mingdi_report_lag_entries ")))


def check_callers(where, ledger):
    """The callers' data that were acknowledged are there; each look is in the audit trail."""
    person, auditor = where.person("chen"), where.person("audit")
    for call, caller in ledger.callers.items():
        shown = person.ask("GET", f"/calls/{call}/caller")
        assert shown.status == 200 and shown.json["number"] == caller["number"] and shown.json["name"] == caller["name"], shown
    seen, after = collections.Counter(), 0
    while after is not None:
        page = auditor.ask("GET", f"/audit?limit=500&after={after}").json
        seen.update(row["subject_id"] for row in page["items"] if row["what"] == "caller read")
        after = page["next"]
    assert all(seen[call] == 1 + ledger.looks[call] for call in ledger.callers), (seen, ledger.looks)


def shown(where):
    """The state as a client sees it, without what changes by itself as time goes on."""
    person, found = where.person("chen"), {}
    for kind in ("calls", "incidents", "missions", "units", "facilities"):
        after = 0
        while after is not None:
            page = person.ask("GET", f"/{kind}?limit=500&after={after}").json
            for item in page["items"]:
                kept = {k: v for k, v in item.items() if k in ("state", "incident", "call", "unit", "facility", "external",
                                                               "has_caller", "outcome", "seat", "mission", "priority")}
                kept["beds"] = [[b["kind"], b["available"], b["reserved"], b["occupied"]] for b in item.get("beds", [])]
                found[kind, item["id"]] = kept
            after = page["next"]
    return found
