#!/usr/bin/env python3
"""A centre on PostgreSQL whose database comes and goes under load: killed, restarted, its connections cut, frozen for
seconds; and the centre itself is killed as in kill_test.py. While the database is away commands are refused by name,
/readyz says so, reads go on; then the centre goes on by itself, and in the end nothing acknowledged is lost and
nothing is there twice.

usage: postgres_test.py [test...]; MINGDI_LONG=1 for many rounds. SEED=N repeats a run. Skipped where there is no PostgreSQL.
"""
import os
import random
import signal
import subprocess
import sys
import time

import kill_test
import postgres_server
from centre import Centre, main, until
from load import SETTINGS, Load, check_callers, check_ledger, check_whole, entries, lag

LONG = bool(os.environ.get("MINGDI_LONG"))
ROUNDS = 10 if LONG else 1
SEED = int(os.environ.get("SEED", "120"))
SERVER = None
FAULTS = ("KILL", "QUIT", "INT", "connections cut", "frozen")


def the_server_is_killed():
    kill_test.ROUNDS = 150 if LONG else 8
    kill_test.nothing_acknowledged_is_lost(SERVER.url("killed"))


# ---------------------------------------------------------------- the database goes

def processes():
    """The server and its children."""
    children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(SERVER.pid())], capture_output=True, text=True).stdout
    return [SERVER.pid(), *map(int, children.split())]


def cut_connections():
    SERVER.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'")


def freeze(seconds, meanwhile, at_last=lambda: None):
    stopped = processes()
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    try:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            meanwhile()
            time.sleep(0.1)
        at_last()
    finally:
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)


def check_reads(person):
    answer = person.ask("GET", "/calls?limit=5")
    assert answer.status == 200 and answer.json["items"], answer
    assert person.ask("GET", "/healthz").status == 200


def check_away(person, said):
    """What a client is told while the database is away."""
    check_reads(person)
    ready = until(lambda: (a := person.ask("GET", "/readyz")).status == 503 and len(a.json["reasons"]) == 2 and a, "not ready")
    assert ready.json["ready"] is False, ready
    answer = person.ask("POST", "/commands/call_offer", {"external": 1})
    assert answer.status == 503 and answer.json["name"] in ("journal_unavailable", "not_durable"), answer
    assert int(answer.headers["Retry-After"]) >= 1 and "PostgreSQL" in ready.json["reasons"][1], ready
    said.append(ready.json["reasons"][1])
    check_reads(person)


def refused_to_workers(load):
    return load.ledger.problems["not_durable"] + load.ledger.problems["journal_unavailable"]


def fail_once(fault, person, said, load):
    if fault == "connections cut":
        cut_connections()
        check_reads(person)
    elif fault == "frozen":
        freeze(3, lambda: check_reads(person))
    else:
        SERVER.end(fault)
        try:
            before = refused_to_workers(load)
            check_away(person, said)
            until(lambda: refused_to_workers(load) > before, "a refusal to one of the workers")
        finally:
            SERVER.restart()


def the_database_comes_and_goes():
    centre = Centre(store=SERVER.url("away"), settings={**SETTINGS, "snapshot_every": 500}).make().start()
    try:
        began, said, chance = time.monotonic(), [], random.Random(SEED)
        load, person = Load(centre, SEED), centre.person("chen")
        faults = [fault for _ in range(ROUNDS) for fault in chance.sample(FAULTS, len(FAULTS))]
        for fault in faults:
            load.until_more(chance.randrange(20, 120))
            fail_once(fault, person, said, load)
            until(lambda: person.ask("GET", "/readyz").status == 200, "ready again")
        load.until_more(40)
        load.go_home()
        check_callers(centre, load.ledger)
        until(lambda: lag(centre) == 0, "the report")
        process = centre.process.pid
        assert centre.stop() == 0, centre.log_tail()
        check_ledger(load.ledger, entries(centre))
        told = check_whole(centre)
        assert told["closed_cleanly"] and told["equal"], told
        print(f"# seed {SEED}: {len(faults)} faults in {time.monotonic() - began:.0f} s, one process {process}, "
              f"{len(load.ledger.answers)} acknowledged ({load.ledger.repeated} on repeating), {told['entries']} entries, "
              f"{told['report']['rows']} report rows, 503 {dict(load.ledger.problems)}; said: {sorted(set(said))}")
    finally:
        centre.remove()


def one_owns(owner, standby):
    """The first one mostly; on a machine so busy that its lease ran out, the other one."""
    refused = standby.client("gateway").command("call_offer", {"external": 1}, expect=None)
    if refused.status != 503 or refused.json["name"] != "standby":
        return False
    assert refused.headers["Retry-After"] == "1", refused
    return (refused.headers.get("Mingdi-Owner") or "").endswith(str(owner.port)) and \
        owner.client("gateway").command("call_offer", {"external": 1}, expect=None).status == 200


def a_second_server_stands_by():
    """What several processes do, and what becomes of a fault, is told in standby_test.py."""
    centre = Centre(store=SERVER.url("second"), settings=SETTINGS).make().start()
    other = Centre(store=centre.store, folder=centre.folder, settings=SETTINGS)
    other.tokens = centre.tokens
    try:
        other.start()
        until(lambda: one_owns(centre, other) or one_owns(other, centre), "an owner and a standby")
        assert other.stop() == 0 and centre.stop() == 0
    finally:
        if other.process and other.process.poll() is None:
            other.kill()
        centre.remove()


def figure(client, name):
    lines = client.ask("GET", "/metrics").body.decode().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(name + " "))


def check_unsure(client, person):
    """It has never seen another process, so it shows what it knows: it says that this is all that it does."""
    def is_told():
        said = client.ask("GET", "/readyz")
        return said.status == 503 and said.json["role"] == "unsure" and len(said.json["reasons"]) == 2 and said.json
    said = until(is_told, "the truth about the database")
    assert not said["ready"] and "nothing is decided" in said["reasons"][0], said
    assert said["reasons"][1].startswith("waits for the database: "), said
    assert figure(client, "mingdi_ready") == 0 and figure(client, "mingdi_owner") == 0
    refused = client.command("call_offer", {"external": 9}, expect=503)
    assert refused.json["name"] == "journal_unavailable", refused
    assert person.ask("GET", "/calls").status == 200


def is_owner_again(client):
    """And has counted who could take over; until then it supposes that somebody could."""
    said = client.ask("GET", "/readyz")
    return said.status == 200 and said.json["role"] == "owner" and said.json["standbys"] == 0 and \
        figure(client, "mingdi_ready") == 1


def an_idle_centre_knows_that_its_database_is_gone():
    """Nobody sends a command: whoever asks for readiness is told the truth all the same."""
    centre = Centre(store=SERVER.url("idle"), settings=SETTINGS).make().start()
    try:
        client, person = centre.client("gateway"), centre.person("chen")
        until(lambda: is_owner_again(client), "an owner")
        freeze(0, lambda: None, lambda: check_unsure(client, person))
        until(lambda: is_owner_again(client), "ready after the frost")
        SERVER.end("QUIT")
        check_unsure(client, person)
        assert client.ask("GET", "/healthz").status == 200
        SERVER.start()
        until(lambda: client.ask("GET", "/readyz").status == 200, "ready again")
        assert client.command("call_offer", {"external": 1}, expect=None).status in (200, 503)
        until(lambda: client.command("call_offer", {"external": 2}, expect=None).status == 200, "commands again")
    finally:
        centre.remove()


if __name__ == "__main__":
    if not postgres_server.Server.available():
        print("skipped: there are no binaries of PostgreSQL 15")
        sys.exit(77)
    with postgres_server.Server() as SERVER:
        main([the_server_is_killed, the_database_comes_and_goes, a_second_server_stands_by,
              an_idle_centre_knows_that_its_database_is_gone])
