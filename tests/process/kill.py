#!/usr/bin/env python3
"""Kills the server again and again under load, and holds everything it ever acknowledged against its journal.

Four clients work without pause: calls ring, are answered, located, become incidents or advice, beds are counted, patients' data is entered.
Each command has an idempotency key, and a ledger holds what was sent and what was answered. At a moment that the seed chooses the server gets
SIGKILL; it is started again, and the clients repeat what had no answer with the same keys, as good clients do. In the end:

  every acknowledged command stands in the journal once, under the sequence and with the id that its answer told
  no key stands there twice, and no entry is without a sender
  the chain, a replay of every decision, the report tables against a replay, and the audit trail are whole
  the state that the server shows after its last start is the one that its clients saw made

usage: kill.py [test...]; MINGDI_LONG=1 for hundreds of rounds. SEED=N repeats a run.
"""
import json
import os
import random
import threading
import time

from centre import Centre, main, run, until

ROUNDS = 300 if os.environ.get("MINGDI_LONG") else 24
SEED = int(os.environ.get("SEED", "120"))


class Ledger:
    def __init__(self):
        self.lock, self.sent, self.answers = threading.Lock(), {}, {}

    def send(self, key, name, body):
        with self.lock:
            self.sent[key] = (name, body)

    def answer(self, key, answer):
        with self.lock:
            before = self.answers.setdefault(key, answer)
            assert before["sequence"] == answer["sequence"] and before["made"] == answer["made"], (key, before, answer)


class Worker(threading.Thread):
    """One client: a person at a seat who never tires. What the server refuses by name is an answer too."""

    def __init__(self, centre, number, ledger, going):
        super().__init__(daemon=True)
        self.centre, self.number, self.ledger, self.going = centre, number, ledger, going
        self.random, self.count, self.trouble, self.refused = random.Random(SEED * 1000 + number), 0, None, 0
        self.gateway = centre.client("gateway")
        self.seat = self.ward = None

    def command(self, client, name, body):
        """Until there is an answer: the same key each time. None: refused, or the test is over."""
        self.count += 1
        key = f"w{self.number}-{self.count}"
        self.ledger.send(key, name, body)
        while self.going.is_set():
            try:
                answer = client.ask("POST", f"/commands/{name}", body, {"Idempotency-Key": key})
            except OSError:
                time.sleep(0.01)
                continue
            except Exception as broken:  # an answer cut in the middle
                if "http.client" not in type(broken).__module__ and not isinstance(broken, ValueError):
                    raise
                continue
            if answer.status == 200:
                self.ledger.answer(key, answer.json)
                return answer.json
            if answer.status not in (429, 503):
                assert answer.status in (404, 409, 412), (name, body, answer)
                self.refused += 1
                return None
            time.sleep(0.02)
        return None

    def one_call(self):
        call = self.command(self.gateway, "call_offer", {"caller": 0, "external": self.count})
        if call is None:
            return
        call = call["made"]
        self.command(self.seat, "call_answer", {"call": call, "seat": self.number})
        self.command(self.seat, "call_locate", {"call": call, "point": {"lon": 11.96 + self.random.random() * 0.016, "lat": 57.704}})
        if self.random.random() < 0.5:
            self.command(self.seat, "call_close", {"call": call, "outcome": "advice"})
            return
        opened = self.command(self.seat, "call_triage", {"call": call, "needs": ["basic"], "units_wanted": 1,
                                                         "priority": self.random.choice(["critical", "severe", "urgent"])})
        if opened and self.random.random() < 0.9:
            self.command(self.seat, "incident_cancel", {"incident": opened["made"]})

    def run(self):
        try:
            self.seat = self.sign_in("chen")
            self.ward = self.sign_in("ward")
            while self.going.is_set():
                self.one_call()
                self.command(self.ward, "beds_set", {"facility": 1, "kind": "emergency", "available": self.random.randrange(30),
                                                     "occupied": 3, "blocked": 0, "converting": 0})
        except Exception as trouble:
            self.trouble = trouble

    def sign_in(self, name):
        while True:
            try:
                return self.centre.person(name)
            except (OSError, AssertionError):
                time.sleep(0.05)


def entries(centre):
    """The journal as the program shows it."""
    shown = run("journal", "show", centre.journal()).stdout.splitlines()
    return [json.loads(line) for line in shown]


def check_ledger(ledger, journal):
    by_key, by_sequence = {}, {}
    for entry in journal:
        command = entry["command"]
        by_sequence[entry["sequence"]] = command
        key = command.get("key")
        if key:
            assert key not in by_key, f"key {key} stands at {by_key[key]} and {entry['sequence']}"
            by_key[key] = entry["sequence"]
    assert list(by_sequence) == list(range(1, len(journal) + 1)), "sequences have a gap"
    for key, answer in ledger.answers.items():
        command = by_sequence.get(answer["sequence"])
        assert command is not None, f"{key} was acknowledged as {answer} and is not in the journal"
        name, body = ledger.sent[key]
        assert command["kind"] == name, (key, name, command)
        for field in ("call", "incident", "facility", "external"):
            if field in body:
                assert command[field] == body[field], (key, field, body, command)


def check_everything(centre):
    run("journal", "verify", centre.journal())
    run("replay", centre.journal(), "--verify")


def kill_loop(centre, rounds):
    ledger, going, chance = Ledger(), threading.Event(), random.Random(SEED)
    going.set()
    centre.start()
    workers = [Worker(centre, n, ledger, going) for n in range(1, 5)]
    for worker in workers:
        worker.start()
    until(lambda: len(ledger.answers) > 20, "the first answers")
    for round_number in range(rounds):
        before = len(ledger.answers)
        time.sleep(chance.expovariate(1 / 0.12))  # the moment of death, not a wait for something
        centre.kill()
        centre.start()
        for worker in workers:
            assert worker.trouble is None, worker.trouble
        if round_number % 4 == 3:
            until(lambda: len(ledger.answers) > before + 4, "answers after a start")
    until(lambda: len(ledger.answers) > 40, "some answers")
    going.clear()
    for worker in workers:
        worker.join(60)
        assert not worker.is_alive() and worker.trouble is None, worker.trouble
    return ledger


def nothing_acknowledged_is_lost(store=None):
    centre = Centre(store=store, settings={"requests_per_minute": 1000000, "snapshot_every": 500}).make()
    try:
        ledger = kill_loop(centre, ROUNDS)
        shown = {c["id"]: c for c in centre.person("chen").ask("GET", "/calls?limit=500").json["items"]}
        assert centre.stop() == 0, centre.log_tail()
        journal = entries(centre)
        check_ledger(ledger, journal)
        for key, answer in ledger.answers.items():
            name, _ = ledger.sent[key]
            if name == "call_offer" and answer["made"] in shown:
                assert shown[answer["made"]]["external"] == ledger.sent[key][1]["external"]
        check_everything(centre)
        print(f"# seed {SEED}: {ROUNDS} kills, {len(ledger.answers)} acknowledged, {len(journal)} entries")
    finally:
        centre.remove()


def clean_stop_drains():
    centre = Centre(settings={"requests_per_minute": 1000000}).make().start()
    try:
        ledger, going = Ledger(), threading.Event()
        going.set()
        workers = [Worker(centre, n, ledger, going) for n in range(1, 4)]
        for worker in workers:
            worker.start()
        until(lambda: len(ledger.answers) > 100, "answers")
        assert centre.stop() == 0, centre.log_tail()
        going.clear()
        for worker in workers:
            worker.join(60)
        check_ledger(ledger, entries(centre))
        told = json.loads(run("journal", "verify", centre.journal()).stdout)
        assert told["closed_cleanly"], told
    finally:
        centre.remove()


if __name__ == "__main__":
    main([nothing_acknowledged_is_lost, clean_stop_drains])
