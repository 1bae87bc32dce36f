#!/usr/bin/env python3
"""The exercise as a client of a real drill's centre: it plays callers, seats, crews and hospitals; people take parts of it in
hand and give them back; both processes are killed in the middle. The town of tests/cli with short services, so that much happens
soon; 60 times real time, slower where a person has to be in time.
"""
import datetime
import http.client
import json
import os
import pathlib
import re
import signal
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from centre import MINGDI, WAIT_S, Centre, Client, main, run, until  # noqa: E402
from ports import free_port  # noqa: E402

SEATS, DESKS = 2, 2
FAST, SLOW = 60, 10
OF_SEATS = {"call_answer", "call_locate", "call_triage", "call_back", "call_close", "call_link", "triage_begin",
            "triage_answer"}
SERVICE = """quantity,priority,distribution
delay,*,constant(40 s)
mobilisation,*,constant(10 s)
on_scene,*,constant(120 s)
transport,*,bernoulli(0.7)
handover,*,constant(60 s)
bed_stay,*,constant(600 s)
"""
OF_UNITS = {"physician", "neonatal", "ventilator", "bariatric", "isolation"}
HOSPITAL = """id,name,lon,lat,tier,capabilities,beds
hospital,Hospital,11.9680,57.7040,3,stroke trauma,40
"""


def instant(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


class Town(Centre):
    """Short services, and beds that are counted."""

    def setup_folder(self):
        setup = super().setup_folder()
        (setup / "service.csv").write_text(SERVICE)
        (setup / "facilities.csv").write_text(HOSPITAL)
        return setup


class Patient(Client):
    """Asks once more where the server has closed the connection, which it may do at any time with an idle one."""

    def ask(self, *words, **options):
        try:
            return super().ask(*words, **options)
        except (http.client.HTTPException, ConnectionError):
            return super().ask(*words, **options)


class World:
    """A drill's centre and the exercise that plays around it."""

    def __init__(self):
        self.centre, self.exercise, self.port, self.people = Town(drill=True), None, free_port(), {}
        self.centre.make(tokens=("simulation",))
        self.setup = self.centre.folder / "setup"
        self.token_file = self.centre.folder / "token"
        self.token_file.write_text(self.centre.tokens["simulation"] + "\n")
        self.log = self.centre.folder / "exercise.log"
        self.serve()
        self.play()

    def serve(self):
        """On the same port each time: that is where the exercise looks for it."""
        words = [MINGDI, "serve", "--data", str(self.centre.data), "--drill", "--port", str(self.port), "--speed", str(FAST)]
        self.centre.log = open(self.centre.folder / "server.log", "a")
        self.centre.process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=self.centre.log, text=True)
        self.centre.wait_listening()
        self.people = {}

    def play(self, seed=1):
        words = [MINGDI, "exercise", str(self.setup), "--url", f"http://127.0.0.1:{self.centre.port}",
                 "--token-file", str(self.token_file), "--seats", str(SEATS), "--desks", str(DESKS), "--rate", "10",
                 "--seed", str(seed)]
        with open(self.log, "a") as log:
            self.exercise = subprocess.Popen(words, stdout=log, stderr=log)

    def kill_server(self):
        self.centre.kill(signal.SIGKILL)

    def stop_exercise(self, number=signal.SIGTERM):
        self.exercise.send_signal(number)
        return self.exercise.wait(WAIT_S)

    def as_(self, name):
        if name not in self.people:
            self.people[name] = Patient(self.centre).sign_in(name)
        return self.people[name]

    def get(self, path, name="chen"):
        answer = self.as_(name).ask("GET", path)
        assert answer.status == 200, (path, answer)
        return answer.json

    def items(self, path):
        return self.get(path)["items"]

    def now(self):
        return instant(self.get("/centre")["now"])

    def speed(self, speed):
        assert self.as_("chen").ask("PUT", "/drill/speed", {"speed": speed}).status == 200

    def take(self, name, kind, number):
        answer = self.as_(name).ask("PUT", f"/control/{kind}/{number}")
        assert answer.status == 200, answer
        return self.get("/centre")["sequence"]

    def give(self, name, kind, number):
        answer = self.as_(name).ask("DELETE", f"/control/{kind}/{number}")
        assert answer.status in (200, 204), answer

    def passes(self, seconds, what):
        """Waits until so many seconds of the drill's time have gone by."""
        end = self.now() + datetime.timedelta(seconds=seconds)
        until(lambda: self.now() > end, what)

    def entries(self, after=0):
        found = []
        while True:
            page = self.get(f"/entries?after={after}&limit=500", "audit")
            found += page["items"]
            if page["next"] is None or not page["items"]:
                return found
            after = page["next"]

    def commands(self, names, after=0):
        return [e for e in self.entries(after) if e["command"]["command"] in names]

    def remove(self):
        if self.exercise.poll() is None:
            self.stop_exercise(signal.SIGKILL)
        self.centre.remove()


world = None


def is_simulation(entry):
    return entry["actor"] > 1000000  # ids of tokens


def calls_flow():
    """From the ring to the closed incident, with and without a transport; units come home."""
    outcomes = lambda: {i["outcome"] for i in world.items("/incidents?state=closed&limit=500")}  # noqa: E731
    until(lambda: {"treated", "transported"} <= outcomes(), "incidents that end with and without a transport")
    until(lambda: [e for e in world.commands({"unit_report"}) if e["command"]["what"] == "reach_post"],
          "a unit that reaches its post")
    done = {e["command"]["stage"] for e in world.commands({"mission_report"})}
    assert done >= {"notify", "acknowledge", "depart", "arrive", "reach_patient", "leave_scene", "reach_facility", "hand_over",
                    "end"}, done


def crews_and_hospitals_talk():
    """Patients are described, hospitals say that they know of them, and what a dispatcher writes is read."""
    described = until(lambda: world.commands({"patient_describe"}), "a crew that describes its patient")
    assert all(16 <= e["command"]["age_years"] <= 94 and e["command"]["spo2"] <= 100 for e in described), described
    until(lambda: world.commands({"prealert_acknowledge"}), "a hospital that knows of a patient")
    sent = world.as_("li").ask("POST", "/messages", {"unit": 1, "text": "the lift is out of order"})
    assert sent.status == 201, sent
    message = sent.json["made"]
    until(lambda: world.get(f"/messages/{message}")["read_at"], "a crew that reads the message")
    read = world.get(f"/messages/{message}")
    assert read["read_by"]["actor_kind"] == "crew" and read["from"]["actor_kind"] == "seat", read


def seats_triage_by_protocols():
    """What the story tells is asked and answered, and the incident is opened as it was proposed, but for what no unit carries."""
    def whole():
        asked = {e["command"]["call"] for e in world.commands({"triage_answer"}) if is_simulation(e)}
        calls = [c for c in world.items("/calls?limit=500") if c["id"] in asked and c["incident"] and c["triage"]]
        return [c for c in calls if c["triage"]["ready"]]

    for call in until(whole, "an incident that was asked about by a protocol")[:5]:
        incident = world.get(f"/incidents/{call['incident']}")
        proposed = call["triage"]
        assert incident["priority"] == proposed["priority"], (call, incident)
        assert set(proposed["needs"]) - OF_UNITS <= set(incident["needs"]), (call, incident)


def left_to_person(after):
    """Calls that have rung since then for seat 1, in hand: the other seat answers within 8 s, and has answered a later one."""
    now, calls = world.now(), world.items("/calls?limit=500")
    answered = max((c["id"] for c in calls if c["answered_at"] and c["seat"] == 2), default=0)
    return [c for c in calls if c["state"] == "offered" and c["last_change"]["sequence"] > after and c["id"] < answered and
            now - instant(c["offered_at"]) > datetime.timedelta(seconds=30)]


def under_way_has_come():
    """What the exercise had sent before somebody took a part of it in hand; some seconds of ours. The entry it was seen by."""
    world.passes(300, "what was under way")
    return world.get("/centre")["sequence"]


def seat_of_person():
    """A seat in hand: a call rings for the person soon, and stays; the other seat's go on."""
    world.speed(SLOW)
    after = world.take("wang", "seat", 1)
    mine = until(lambda: left_to_person(after), "a call for seat 1, and a later one that the other seat has answered")[0]
    seen = world.get(f"/calls/{mine['id']}")
    assert seen["state"] in ("offered", "abandoned") and seen["answered_at"] is None, seen
    wang = world.as_("wang")
    wang.command("call_answer" if seen["state"] == "offered" else "call_back", {"call": mine["id"], "seat": 1})
    wang.command("call_locate", {"call": mine["id"], "point": {"lon": 11.966, "lat": 57.7041}})
    world.passes(60, "a while in which the call stays the person's")
    assert world.get(f"/calls/{mine['id']}")["state"] == "located"
    decided = {"call": mine["id"], "needs": ["basic"], "priority": "critical", "units_wanted": 1}
    made = wang.command("call_triage", decided).json["made"]
    until(lambda: world.get(f"/incidents/{made}")["missions"], "a desk of the exercise sends a unit to the person's incident")
    of_call = [e for e in world.commands(OF_SEATS, after) if e["command"]["call"] == mine["id"]]
    assert of_call and not [e for e in of_call if is_simulation(e)], of_call
    given = world.get("/centre")["sequence"]
    world.give("wang", "seat", 1)
    until(lambda: [e for e in world.commands({"call_answer"}, given) if e["command"]["seat"] == 1 and is_simulation(e)],
          "seat 1 is played again")
    world.speed(FAST)


def seat_and_desk_of_person():
    """One person with both: what comes of the own call is the person's to send, though the other desk is played."""
    world.speed(SLOW)
    chen = world.as_("chen")
    world.take("chen", "seat", 1)
    after = world.take("chen", "seat", SEATS + 1)
    mine = until(lambda: left_to_person(after), "a call for seat 1")[0]
    chen.command("call_answer", {"call": mine["id"], "seat": 1})
    chen.command("call_locate", {"call": mine["id"], "point": {"lon": 11.966, "lat": 57.7041}})
    decided = {"call": mine["id"], "needs": ["basic"], "priority": "critical", "units_wanted": 1}
    made = chen.command("call_triage", decided).json["made"]
    until(lambda: world.get(f"/incidents/{made}")["recommended"], "a recommendation")
    world.passes(60, "a while in which nobody decides")
    seen = world.get(f"/incidents/{made}")
    assert not seen["missions"], seen
    world.give("chen", "seat", 1)
    world.give("chen", "seat", SEATS + 1)
    until(lambda: world.get(f"/incidents/{made}")["missions"], "given back, the incident gets its unit")
    world.speed(FAST)


def desk_of_person():
    """Both desks in hand: recommendations wait for the person; given back, they do not."""
    li = world.as_("li")
    world.take("li", "seat", SEATS + 1)
    world.take("li", "seat", SEATS + 2)
    first = under_way_has_come()
    waiting = until(lambda: [i for i in world.items("/incidents?state=recommended&limit=500") if not i["missions"]],
                    "a recommendation")[0]
    world.passes(60, "a while in which nobody decides")
    sent = [e for e in world.commands({"unit_assign"}, first) if is_simulation(e)]
    assert not sent, sent

    def decide():
        seen = world.get(f"/incidents/{waiting['id']}")
        unit = (seen["recommended"] or [None])[0]
        return unit and li.command("unit_assign", {"incident": seen["id"], "unit": unit}, expect=None).status == 200

    until(decide, "the person sends the recommended unit")
    given = world.get("/centre")["sequence"]
    world.give("li", "seat", SEATS + 1)
    world.give("li", "seat", SEATS + 2)
    until(lambda: [e for e in world.commands({"unit_assign"}, given) if is_simulation(e)], "the desks are played again")


def order_that_stays(crew, taken):
    """A mission of unit 1 that nobody presses for, and that no desk takes back meanwhile."""
    old = world.get("/units/1")["mission"]

    def order():
        mission = world.get("/units/1")["mission"]
        if mission == old:
            finish(crew, mission)
        return mission if mission != old else None

    for _ in range(5):
        mission = until(order, "an order for unit 1 since it was taken")
        world.speed(SLOW)
        world.passes(60, "a while in which nobody presses")
        pressed = [e for e in world.commands({"mission_report"}, taken) if e["command"]["mission"] == mission]
        assert not pressed, pressed
        if world.get(f"/missions/{mission}")["state"] == "assigned":
            return mission
        world.speed(FAST)
        old = mission
    raise AssertionError("every order was taken back")


def unit_of_person():
    """A unit in hand: its buttons are the person's, but it drives; given back on the way, the crew goes on from there."""
    crew = world.as_("crew1")
    taken = world.take("crew1", "unit", 1)
    mission = order_that_stays(crew, taken)
    for stage in ("notify", "acknowledge", "depart"):
        crew.command("mission_report", {"mission": mission, "stage": stage})
    places = set()

    def moved():
        position = world.get("/units/1")["position"]
        places.add((position["lon"], position["lat"]))
        return len(places) > 3

    until(moved, "positions of a unit that drives")
    reports = [e for e in world.commands({"mission_report"}, taken) if e["command"]["mission"] == mission]
    assert [e["command"]["stage"] for e in reports] == ["notify", "acknowledge", "depart"], reports
    assert not any(map(is_simulation, reports)), reports
    world.give("crew1", "unit", 1)
    world.speed(FAST)
    until(lambda: world.get(f"/missions/{mission}")["state"] == "ended", "the crew of the exercise finishes the mission")


def finish(crew, mission):
    """Ends the mission, whichever stage it is in."""
    for stage in ("arrive", "end") if mission else ():
        crew.command("mission_report", {"mission": mission, "stage": stage}, expect=None)


def hospital_of_person():
    """A hospital in hand: its figures are the person's alone."""
    ward = world.as_("ward")
    until(lambda: [e for e in world.commands({"bed_change"}) if is_simulation(e)], "the exercise frees a bed")
    world.take("ward", "facility", 1)
    taken = under_way_has_come()
    ward.command("beds_set", {"facility": 1, "kind": "emergency", "available": 40, "occupied": 3, "blocked": 1, "converting": 0})
    world.passes(1200, "a while longer than patients stay")
    ours = [e for e in world.commands({"bed_change", "beds_set"}, taken) if is_simulation(e)]
    assert not ours, ours
    given = world.get("/centre")["sequence"]
    world.give("ward", "facility", 1)
    until(lambda: [e for e in world.commands({"bed_change", "beds_set"}, given) if is_simulation(e)], "the beds are played again")


def server_killed():
    """Three times in the middle: both go on, nothing is done twice."""
    for _ in range(3):
        closed = len(world.items("/incidents?state=closed&limit=500"))
        last = world.get("/centre")["sequence"]
        world.kill_server()
        world.serve()
        assert world.get("/centre")["sequence"] >= last
        until(lambda: len(world.items("/incidents?state=closed&limit=500")) > closed,
              "incidents close after the server came back")
    assert world.exercise.poll() is None, world.log.read_text()
    nothing_twice()


def nothing_twice():
    made = [e["command"]["external"] for e in world.commands({"call_offer"})]
    assert len(made) == len(set(made)), "a call rang twice"
    steps = [(e["command"]["mission"], e["command"]["stage"]) for e in world.commands({"mission_report"})]
    assert len(steps) == len(set(steps)), "a button was pressed twice"
    opened = [e["command"]["call"] for e in world.commands({"call_triage"})]
    assert len(opened) == len(set(opened)), "a call was triaged twice"


def exercise_killed():
    """Started anew it takes up what is open: calls, incidents, missions."""
    world.speed(SLOW)
    busy = until(lambda: world.items("/missions?open=true") and world.items("/incidents?open=true&limit=500"), "work in hand")
    assert world.stop_exercise(signal.SIGKILL) == -signal.SIGKILL
    calls = [c["id"] for c in world.items("/calls?limit=500") if c["state"] in ("offered", "answered", "located", "abandoned")]
    world.play(seed=2)
    world.speed(FAST)
    for incident in busy:
        until(lambda i=incident["id"]: world.get(f"/incidents/{i}")["state"] == "closed",
              f"incident {incident['id']} closes", 120)
    for call in calls:
        until(lambda c=call: world.get(f"/calls/{c}")["state"] in ("closed", "triaged", "linked"),
              f"call {call} is dealt with", 120)


def live_centre_refused():
    """The exercise does not play in a live centre, and a live centre makes no token for it."""
    live = Centre()
    try:
        refused = run("init", "--data", str(live.folder / "none"), "--from", str(world.setup), "--token", "sim:simulation",
                      check=False)
        assert refused.returncode != 0 and "simulation" in refused.stderr, refused
        live.make().start()
        made = live.person("admin").ask("POST", "/tokens", {"name": "sim", "role": "simulation"})
        assert made.status in (403, 409, 422), made
        stranger = live.client(world.centre.tokens["simulation"]).ask("GET", "/centre")
        assert stranger.status == 401, stranger
        token = live.folder / "token"
        token.write_text(live.tokens["gateway"])
        played = run("exercise", str(live.folder / "setup"), "--url", f"http://127.0.0.1:{live.port}",
                     "--token-file", str(token), check=False)
        assert played.returncode != 0 and "live centre" in played.stderr, played
    finally:
        live.remove()


def messages_are_marked():
    """Every answer and every message of the stream says that it is a drill; a crew that does not say so is refused."""
    for path in ("/centre", "/calls", "/incidents", "/units", "/units/1", "/control", "/units/99999"):
        answer = world.as_("chen").ask("GET", path)
        assert answer.headers["Mingdi-Drill"] == "1" and answer.json["drill"] is True, (path, answer)
    connection = http.client.HTTPConnection("127.0.0.1", world.centre.port, timeout=WAIT_S)
    connection.request("GET", "/api/v1/events", headers={"Cookie": world.as_("chen").cookie, "Mingdi-Drill": "1"})
    stream = connection.getresponse()
    assert stream.headers["Mingdi-Drill"] == "1"
    heard = set()
    while not {"snapshot", "change", "positions", "clock"} <= heard:
        line = stream.fp.readline() if not stream.chunked else stream.readline()
        assert line, "the stream ended"
        if line.startswith(b"data:"):
            message = json.loads(line[5:])
            assert message["drill"] is True, message
            heard.add(message["type"])
    connection.close()
    for path in ("/units/1", "/missions", "/events"):
        plain = world.as_("crew1").ask("GET", path, headers={"Mingdi-Drill": "0"})
        assert plain.status == 403 and plain.json["name"] == "drill_not_said", plain


def told_by_all_runs(log):
    """(commands, refused) of the run that was killed and of the one after it: each counts from 0."""
    told = [(int(c), int(r)) for c, r in re.findall(r"calls rung, .* (\d+) commands, (\d+) refused", log)]
    last_of_runs = [now for now, after in zip(told, told[1:] + [(-1, 0)]) if after[0] < now[0]]
    return tuple(map(sum, zip((0, 0), *last_of_runs)))


def nothing_is_stuck():
    """Whatever is open for long has a unit at work, or waits for one; the journal is whole; hardly anything was refused."""
    now = world.now()
    working = {m["incident"] for m in world.items("/missions?open=true&limit=500")}
    for incident in world.items("/incidents?open=true&limit=500"):
        old = now - instant(incident["opened_at"]) > datetime.timedelta(minutes=30)
        assert not old or incident["id"] in working or incident["state"] == "queued", incident
    for call in world.items("/calls?open=true&limit=500"):
        old = now - instant(call["offered_at"]) > datetime.timedelta(minutes=30)
        assert not old or call["state"] == "triaged", call
    assert world.stop_exercise() == 0, world.log.read_text()
    commands, refused = told_by_all_runs(world.log.read_text())
    assert commands > 0 and refused * 50 <= commands, world.log.read_text()
    assert world.centre.stop() == 0
    run("journal", "verify", os.path.join(world.centre.journal(), "journal.db"))


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(1))  # so that nothing is left running
    world = World()
    try:
        main([calls_flow, crews_and_hospitals_talk, seats_triage_by_protocols, seat_of_person, seat_and_desk_of_person,
              desk_of_person, unit_of_person, hospital_of_person,
              messages_are_marked, server_killed,
              exercise_killed, live_centre_refused, nothing_is_stuck])
    finally:
        world.remove()
