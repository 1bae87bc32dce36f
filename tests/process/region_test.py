#!/usr/bin/env python3
"""One process that serves several centres: each is itself, one's fault is no other's, and two processes share them.

    MINGDI=build/mingdi tests/process/region_test.py [TEST...]
"""
import http.client
import itertools
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time

import postgres_server
from centre import MINGDI, PASSWORD, PLAIN_ENVIRONMENT, WAIT_S, Centre, Client, main, run, until
from watcher import Watcher
from watchdog_test import DETACH, INTERRUPT, SEIZE, trace

WATCH_US = 6_000_000  # a look at each quarter of it
NO_LIMITS = {"MINGDI_SET_REQUESTS_PER_MINUTE": "1000000", "MINGDI_SET_MACHINE_REQUESTS_PER_MINUTE": "1000000"}
THREE = ["east", "north", "south"]
CALLS_MAX = 5000  # a centre keeps some more
SIX = ["east", "north", "south", "south-west", "west", "wu_an"]


class Process:
    """`mingdi serve --region`: what it prints tells where its overview and its centres are."""

    def __init__(self, region, name, only=None, environment=None, folder=None):
        words = [MINGDI, "serve", "--region", str(folder or region.folder), "--port", "0"]
        words += ["--store", region.store] if region.store else []
        words += ["--only", only] if only else []
        self.printed, self.log, self.region = region.work / f"{name}.out", region.work / f"{name}.log", region
        with open(self.printed, "w") as out, open(self.log, "w") as log:
            self.process = subprocess.Popen(words, stdout=out, stderr=log,
                                            env={**os.environ, "MINGDI_SET_PORT": "0", **PLAIN_ENVIRONMENT,
                                                 **(environment or {})})

    def port(self, name):
        """The newest, for a centre that is opened again listens anew; None: it does not listen yet."""
        found = re.findall(rf"^{re.escape(name)}: .*?http://127.0.0.1:(\d+)", self.printed.read_text(), re.MULTILINE)
        assert self.process.poll() is None, self.tail()
        return int(found[-1]) if found else None

    def ask_overview(self, path, headers=None):
        port = until(lambda: self.port(f"region of {self.region.count_of(self)}"), "the overview")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=WAIT_S)
        connection.request("GET", path, headers=headers or {})
        answer = connection.getresponse()
        status, body = answer.status, answer.read().decode()
        connection.close()
        return status, body

    def state(self, name):
        return next(c for c in json.loads(self.ask_overview("/healthz")[1])["centres"] if c["name"] == name)

    def serves(self, *names):
        return all(self.state(name)["serves"] for name in names)

    def client(self, name, token=None):
        """Knows one centre of the process, as Client wants it."""
        place = Centre.__new__(Centre)
        place.drill, place.host, place.port = False, "127.0.0.1", until(lambda: self.port(name), f"the address of {name}")
        return Client(place, token or self.region.tokens[name])

    def tail(self):
        return self.log.read_text()[-3000:]

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.process.wait(WAIT_S)


class Region:
    """Folders of centres in one folder, each with an administrator and a machine."""

    def __init__(self, names, store=None):
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="mingdi-region-"))
        self.folder, self.store, self.names, self.tokens, self.processes = self.work / "region", store, names, {}, []
        self.folder.mkdir()
        setup = Centre(folder=self.work).setup_folder()
        (setup / "people.csv").write_text(f"name,role,password\nboss,administrator,{PASSWORD}\nchief,duty_commander,{PASSWORD}\n")
        for name in names:
            words = ["init", "--data", str(self.folder / name), "--from", str(setup), "--token", "gateway:gateway"]
            words += ["--store", f"{store}?schema={name.replace('-', '_')}"] if store else []
            self.tokens[name] = re.search(r"mgd_[\w-]+", run(*words).stdout).group(0)

    def start(self, name="one", only=None, **how):
        self.processes.append(process := Process(self, name, only, **how))
        process.count = len(only.split(",")) if only else len(self.names)
        return process

    def count_of(self, process):
        return process.count

    def journal(self, name):
        return f"{self.store}?schema={name.replace('-', '_')}" if self.store else str(self.folder / name)

    def remove(self):
        for process in self.processes:
            if process.process.poll() is None:
                process.end(signal.SIGKILL)
        shutil.rmtree(self.work, ignore_errors=True)


def offer(client, expect=200):
    return client.command("call_offer", {"external": 7}, expect=expect)


def calls_of(region, name):
    shown = run("journal", "show", region.journal(name)).stdout.splitlines()
    return sum(json.loads(line)["command"]["command"] == "call_offer" for line in shown)


# ---------------------------------------------------------------- in folders

def each_is_itself():
    """A token or a session of one centre is nothing in another, and what one is told no other knows."""
    region = Region(["east", "west"])
    try:
        one = region.start()
        east, west = one.client("east"), one.client("west")
        assert offer(east).status == 200 and offer(east).status == 200 and offer(west).status == 200
        stranger = one.client("west", region.tokens["east"])
        assert offer(stranger, expect=None).status == 401
        boss = one.client("east", "none")
        boss.token = None
        boss.sign_in("boss")
        assert boss.ask("GET", "/session").status == 200
        elsewhere = one.client("west", "none")
        elsewhere.token, elsewhere.cookie, elsewhere.csrf = None, boss.cookie, boss.csrf
        assert elsewhere.ask("GET", "/session").status == 401
        status, body = one.ask_overview("/readyz")
        assert status == 200 and [c["state"] for c in json.loads(body)["centres"]] == ["serves", "serves"], body
        assert one.ask_overview("/readyz", {"X-Forwarded-For": "192.0.2.7"})[0] == 403
        assert one.ask_overview("/api/v1/calls")[0] == 404
        assert one.end() == 0, one.tail()
        assert (calls_of(region, "east"), calls_of(region, "west")) == (2, 1)
    finally:
        region.remove()


def set_limit(region, name, value):
    file = region.folder / name / "mingdi.yaml"
    lines = [line for line in file.read_text().splitlines() if "depart_limit_s" not in line]
    file.write_text("\n".join([*lines, f"depart_limit_s: {value}"]) + "\n")


def limit(client):
    return next(s["value"] for s in client.ask("GET", "/config").json["items"] if s["name"] == "depart_limit_s")


def one_that_is_broken_stops_no_other():
    """Its journal is no database: it is shown, logged, tried again; the rest serve. SIGHUP reads all settings, tries at once."""
    region = Region(["east", "west"])
    journal = region.folder / "west" / "journal.db"
    try:
        sound = journal.read_bytes()
        journal.write_bytes(b"x" * len(sound))
        one = region.start()
        assert offer(one.client("east")).status == 200
        until(lambda: one.state("west")["state"] == "cannot be opened", "that west is shown as broken")
        status, body = one.ask_overview("/readyz")
        assert status == 503 and not one.state("west")["well"] and "journal.db" in one.state("west")["why"], body
        metrics = one.ask_overview("/metrics")[1]
        assert 'mingdi_region_centre_serves{centre="east"} 1' in metrics, metrics
        assert 'mingdi_region_centre_well{centre="west"} 0' in metrics, metrics
        told = [json.loads(line) for line in one.log.read_text().splitlines()]
        assert {line["centre"] for line in told if "cannot be opened" in line["message"]} == {"west"}, one.tail()

        journal.write_bytes(sound)
        for name, value in ("east", 171), ("west", 172):
            set_limit(region, name, value)
        one.process.send_signal(signal.SIGHUP)
        until(lambda: one.serves("east", "west"), "that west serves")
        for name, value in ("east", 171), ("west", 172):
            boss = one.client(name, "none")
            boss.token = None
            boss.sign_in("boss")
            until(lambda: limit(boss) == value, f"the settings of {name}")
            boss.close()
        assert offer(one.client("west")).status == 200
        assert one.ask_overview("/readyz")[0] == 200
        assert one.end() == 0, one.tail()
    finally:
        region.remove()


def a_slip_of_the_pen_is_told():
    region = Region(["east"])
    try:
        slips = (["--only", "east,wset"], "wset"), (["--data", "x"], "does not go with"), (["--speed", "2"], "--speed")
        for words, why in slips:
            done = run("serve", "--region", str(region.folder), *words, check=False)
            assert done.returncode == 2 and why in done.stderr, done
        (region.folder / "East Side").mkdir()
        (region.folder / "East Side" / "mingdi.yaml").write_text("")
        done = run("serve", "--region", str(region.folder), check=False)
        assert done.returncode == 2 and "East Side" in done.stderr, done
        done = run("serve", "--region", str(region.work), check=False)
        assert done.returncode == 2 and "mingdi init" in done.stderr, done
    finally:
        region.remove()


# ---------------------------------------------------------------- on PostgreSQL

def stands_by(process, names):
    """Warm, and known to the owner: it may follow as soon as the lease has run out."""
    for name in names:
        said = process.client(name).ask("GET", "/readyz").json
        if said["role"] != "standby" or said["behind"] != 0 or not said["expected"]:
            return False
    return True


def connections(server):
    """Of each centre, at this moment: what the database's own list says."""
    counted = server.psql("SELECT count(*), split_part(application_name, ' ', 4), split_part(application_name, ' ', 3)"
                          " FROM pg_stat_activity WHERE application_name LIKE 'mingdi % % %' GROUP BY 2, 3").stdout
    return [int(line.split("|")[0]) for line in counted.split()]


def hold_a_core(process):
    """One core thread of the process, whosever; None where no thread can be held."""
    for task in pathlib.Path(f"/proc/{process.process.pid}/task").iterdir():
        if (task / "comm").read_text().strip() == "core":
            try:
                trace(SEIZE, int(task.name))
            except OSError:
                return None
            trace(INTERRUPT, int(task.name))
            os.waitpid(int(task.name), 0x40000000)  # __WALL
            return int(task.name)
    raise AssertionError("no core thread")


def one_that_hangs_is_handed_on(first, second, names):
    core = hold_a_core(first)
    if core is None:
        print("# no thread can be held here: a centre that hangs was left out")
        return
    try:
        taken = until(lambda: next((name for name in names if second.serves(name)), None), "that the second takes one over")
        assert "the centre has not moved" in first.log.read_text(), first.tail()
        until(lambda: first.serves(*(name for name in names if name != taken)), "that the first serves its other two")
    finally:
        trace(DETACH, core)
    until(lambda: first.state(taken)["state"] == "stands by", "that it begins anew and follows")


def two_processes_share_six_centres():
    """One owns three, the other three more, and follows. A centre hangs: the other process goes on with that one. The
    first is killed: the other owns all, and nothing is lost."""
    if not postgres_server.Server.available():
        return "there are no binaries of PostgreSQL 15"
    server, region = postgres_server.Server(), None
    try:
        server.start()
        region = Region(SIX, store=server.url())
        first = region.start("first", only=",".join(SIX[:3]), environment={"WATCHDOG_USEC": str(WATCH_US)})
        until(lambda: first.serves(*SIX[:3]), "that the first serves its three")
        second = region.start("second")
        until(lambda: second.serves(*SIX[3:]) and stands_by(second, SIX[:3]), "that the second serves three and follows three")
        until(lambda: second.ask_overview("/readyz")[0] == 200, "that to follow is to be well")
        keys = {}
        for name in SIX:
            owner, other = (first, second) if name in SIX[:3] else (second, None)
            keys[name] = f"call-of-{name}"
            owner.client(name).command("call_offer", {"external": 7}, key=keys[name])
            assert other is None or offer(other.client(name), expect=None).status == 503
        assert max(connections(server)) <= 10, connections(server)
        one_that_hangs_is_handed_on(first, second, SIX[:3])
        first.end(signal.SIGKILL)
        until(lambda: second.serves(*SIX), "that the second serves all")
        for name in SIX:
            again = second.client(name).command("call_offer", {"external": 7}, key=keys[name]).json
            assert again["repeated"], (name, again)
            assert offer(second.client(name)).status == 200
        assert second.end() == 0, second.tail()
        assert [calls_of(region, name) for name in SIX] == [2] * 6
    finally:
        if region:
            region.remove()
        server.stop()


class Caller(threading.Thread):
    """Calls ring in one centre without pause, at whichever process takes them, with the number of who calls; each is repeated
    until it is acknowledged."""

    def __init__(self, name, processes):
        super().__init__(daemon=True)
        self.name, self.clients, self.count, self.trouble = name, [p.client(name) for p in processes], 0, None
        self.going = threading.Event()
        self.going.set()

    def offer(self):
        headers = {"Idempotency-Key": f"{self.name}-{self.count}"}
        body = {"external": self.count, "number": f"0571-{self.count:08}"}
        for client in itertools.cycle(self.clients):
            try:
                answer = client.ask("POST", "/calls", body, headers)
            except (OSError, http.client.HTTPException):
                time.sleep(0.01)
                continue
            if answer.status == 201:
                return
            assert answer.status == 503, answer
            time.sleep(0.01)

    def run(self):
        try:
            while self.going.is_set() and self.count < CALLS_MAX:
                self.count += 1
                self.offer()
        except Exception as trouble:
            self.trouble = trouble

    def go_home(self):
        self.going.clear()
        self.join(WAIT_S)
        assert not self.is_alive() and self.trouble is None, (self.name, self.trouble)


def externals(region, name):
    shown = map(json.loads, run("journal", "show", region.journal(name)).stdout.splitlines())
    return [e["command"]["external"] for e in shown if e["command"]["command"] == "call_offer"]


def hand_on(region, names, to):
    """Until that process has them all; on a busy machine the standby may not be known as warm at once."""
    said = r"^[a-z]+: (http://\S+) -> (http://\S+), \d+\.\d s$"

    def are_there():
        missing = [name for name in names if not to.serves(name)]
        if missing:
            words = ["--region", str(region.folder), "--only", ",".join(missing), "--store", region.store]
            done = run("hand-on", *words, check=False)
            assert done.returncode == 0 or "no other process stands by" in done.stderr or "nobody" in done.stderr, done
            taken = re.findall(said, done.stdout, re.MULTILINE)
            assert all(before != after for before, after in taken), done
            if done.returncode == 0:
                assert len(taken) == len(missing), done
                until(lambda: to.serves(*missing), f"that it serves {missing}")
        return not missing
    until(are_there, f"that {names} are handed on")


def check_records(server, names, processes):
    """Each caller's record knows its call, though the process that took it has handed the centre on since; one that is just being
    written does so in a moment."""
    def without(name):
        text = f"SELECT reference FROM {name}.personal WHERE reference <> 0 AND erased_at IS NULL AND coalesce(call, 0) = 0"
        return set(server.psql(text).stdout.split())
    late = "before all was done", "another process may own the centre"
    if any(word in process.log.read_text() for process in processes for word in late):
        print("# the machine was too busy for all to be done in time before a hand-on: the records were not looked at")
        return
    for name in names:
        before = without(name)
        until(lambda: not before & without(name), f"that no record of {name} is left without its call: {before}")


def check_whole(journal):
    """The chain, and every command decided again."""
    told = json.loads(run("journal", "verify", journal).stdout)
    again = json.loads(run("replay", journal, "--verify").stdout)
    assert told["sound"] and told["closed_cleanly"] and again["equal"], (told, again)


class Door:
    """One centre of one process, for a watcher of its stream."""

    def __init__(self, process, name):
        self.process, self.name, self.host, self.port = process, name, "127.0.0.1", process.port(name)

    def person(self, who):
        client = self.process.client(self.name, "none")
        client.token = None
        return client.sign_in(who)


def watched(watcher, process, name):
    """What the stream told first, to one who goes on from where it was."""
    sequence = process.state(name)["sequence"]
    watcher.watch(Door(process, name), sequence)
    return watcher.heard[0]


def there_and_back(region, first, second):
    """The first, which has all, gives two away; takes one of them back, with what it still has in memory, and gives it again."""
    watcher = Watcher("chief")
    assert watched(watcher, first, "east") == ("snapshot", False)
    hand_on(region, ["east", "north"], second)
    until(lambda: first.state("east")["state"] == "stands by" and first.serves("south"), "that each has some")
    assert watched(watcher, second, "east") == ("change", False), "nothing was lost: it goes on by number"
    until(lambda: first.ask_overview("/readyz")[0] == second.ask_overview("/readyz")[0] == 200, "that all is well")
    hand_on(region, ["east"], first)
    until(lambda: stands_by(second, ["east"]), "that the second follows again")
    assert watched(watcher, first, "east") == ("change", False)
    hand_on(region, ["east"], second)
    until(lambda: stands_by(first, ["east", "north"]), "that the first follows both")


def nobody_takes_what_is_handed_on(region, first, second):
    """The one that stands by hangs, as if its machine had lost its power a moment ago: the owner goes on, the verb says so, and
    the next centre is not tried."""
    second.process.send_signal(signal.SIGSTOP)
    try:
        words = ["--region", str(region.folder), "--only", "east,north", "--store", region.store]
        done = run("hand-on", *words, check=False)
        assert done.returncode == 1 and done.stdout == "", done
        assert "nobody else has taken the centre over" in done.stderr or "no other process stands by" in done.stderr, done
        until(lambda: first.serves(*THREE), "that the first goes on with all")
    finally:
        second.process.send_signal(signal.SIGCONT)
    until(lambda: stands_by(second, THREE), "that the second follows all again")


def what_one_has_is_shared_out_again():
    """The first process to start has all centres. By a person's wish some go to the other, under load, and nothing is lost."""
    if not postgres_server.Server.available():
        return "there are no binaries of PostgreSQL 15"
    server, region, callers = postgres_server.Server(), None, []
    try:
        server.start()
        region, calm = Region(THREE, store=server.url()), {"MINGDI_SET_LEASE_MS": "6000", **NO_LIMITS}
        first = region.start("first", environment=calm)
        until(lambda: first.serves(*THREE), "that the first serves all")
        alone = run("hand-on", "--data", str(region.folder / "east"), "--store", region.journal("east"), check=False)
        assert alone.returncode == 1 and "no other process stands by" in alone.stderr, alone
        until(lambda: first.serves("east"), "that the first serves it all the same")
        second = region.start("second", environment=calm)
        until(lambda: stands_by(second, THREE), "that the second follows all")
        nobody_takes_what_is_handed_on(region, first, second)
        callers = [Caller(name, (first, second)) for name in THREE]
        for caller in callers:
            caller.start()
        there_and_back(region, first, second)
        check_records(server, THREE, (first, second))
        second.end(signal.SIGKILL)
        until(lambda: first.serves(*THREE), "that the first has all again")
        for caller in callers:
            caller.go_home()
        assert first.end() == 0, first.tail()
        for caller in callers:
            assert externals(region, caller.name) == list(range(1, caller.count + 1)), caller.name
            check_whole(region.journal(caller.name))
        print(f"# {sum(caller.count for caller in callers)} calls acknowledged, each there once")
    finally:
        for caller in callers:
            caller.going.clear()
        if region:
            region.remove()
        server.stop()


def follows_again(process, name):
    """Its door may be a new one that is not open yet."""
    try:
        return stands_by(process, [name])
    except ConnectionRefusedError:
        return False


def strangers_are_told_no_host(server, standby):
    """What a standby says that has lost its database: to its own machine why, to others only that."""
    def reasons(headers=None):
        said = standby.ask("GET", "/readyz", headers=headers).json
        return [why for why in said["reasons"] if "waits for the database" in why]
    server.end()
    until(lambda: any(f"{server.port}" in why for why in reasons()), "that it waits for the database, and says which")
    told = until(lambda: reasons({"X-Forwarded-For": "192.0.2.7"}), "that it waits for the database")
    assert told == ["waits for the database"], told


def who_cannot_serve_gives_the_centre_back():
    """A standby whose settings cannot be read any more takes over, and keeps the one that can serve away for some seconds."""
    if not postgres_server.Server.available():
        return "there are no binaries of PostgreSQL 15"
    server, region = postgres_server.Server(), None
    try:
        server.start()
        region = Region(["east"], store=server.url())
        first = region.start("first")
        until(lambda: first.serves("east"), "that the first serves")
        elsewhere = region.work / "elsewhere"
        shutil.copytree(region.folder, elsewhere)
        second = region.start("second", folder=elsewhere)
        until(lambda: stands_by(second, ["east"]), "that the second follows")
        first.client("east").command("call_offer", {"external": 7}, key="the-call")
        settings = elsewhere / "east" / "mingdi.yaml"
        sound = settings.read_text()
        settings.write_text(sound + "\ndepart_limti_s: 90\n")
        first.end(signal.SIGKILL)
        until(lambda: "the centre cannot be served yet" in second.log.read_text(), "that the second has the centre, and cannot")
        third = region.start("third")
        until(lambda: third.serves("east"), "that the third serves")
        assert third.client("east").command("call_offer", {"external": 7}, key="the-call").json["repeated"]
        assert "the centre is given back" in second.log.read_text(), second.tail()
        until(lambda: second.state("east")["state"] == "cannot be opened", "that the second begins anew and fails")
        assert "depart_limti_s" in second.state("east")["why"], second.state("east")
        settings.write_text(sound)
        second.process.send_signal(signal.SIGHUP)
        until(lambda: follows_again(second, "east"), "that the second follows again")
        strangers_are_told_no_host(server, second.client("east"))
    finally:
        if region:
            region.remove()
        server.stop()


if __name__ == "__main__":
    main([each_is_itself, one_that_is_broken_stops_no_other, a_slip_of_the_pen_is_told, two_processes_share_six_centres,
          what_one_has_is_shared_out_again, who_cannot_serve_gives_the_centre_back])
