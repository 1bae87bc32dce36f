#!/usr/bin/env python3
"""Kills the server again and again under load, and holds everything it ever acknowledged against its journal.

Four clients work without pause (load.py), with an idempotency key for each command and a ledger of every answer. At a
moment that the seed chooses the server gets SIGKILL, now and then while it is still reading its journal; it is
started again, and the clients repeat what had no answer. In the end:

  every acknowledged command stands in the journal once, under the sequence that its answer told; no key stands there twice, and
  nothing stands there of which nobody was told
  the chain, every command decided again, the report tables against a replay and the audit trail are whole
  the callers' data that were acknowledged are there
  the state shown after one more kill is the state shown before it

usage: kill_test.py [test...]; MINGDI_LONG=1 for hundreds of kills. SEED=N repeats a run.
"""
import json
import os
import random
import time

from centre import Centre, main, run, until
from load import Load, SETTINGS, check_callers, check_ledger, check_whole, entries, lag, shown

LONG = bool(os.environ.get("MINGDI_LONG"))
ROUNDS = 300 if LONG else 20
SEED = int(os.environ.get("SEED", "120"))


def kill_in_its_start(centre, chance):
    """The next server dies before it listens, or soon after."""
    centre.start(wait=False)
    time.sleep(chance.uniform(0, 0.3))
    centre.kill()


def kill_loop(centre, load, rounds, chance):
    kills = 0
    for round_number in range(rounds):
        time.sleep(chance.expovariate(1 / 0.15))  # the moment of death, not a wait for something
        centre.kill()
        kills += 1
        if chance.random() < 0.15:
            kill_in_its_start(centre, chance)
            kills += 1
        centre.start()
        load.count()
        if round_number % 4 == 3:
            load.until_more(5, "answers after a start")
        if round_number % 10 == 5:  # a journal that is being written is verified, its report too
            assert json.loads(run("journal", "verify", centre.journal()).stdout)["sound"]
    return kills


def killed_and_started(centre):
    centre.kill()
    centre.start()


def assigned(load):
    """Units that were sent, as far as it was acknowledged."""
    load.count()
    with load.ledger.lock:
        return sum(load.ledger.sent[key][0] == "unit_assign" for key in load.ledger.answers)


def nothing_acknowledged_is_lost(store=None):
    centre = Centre(store=store, settings={**SETTINGS, "snapshot_every": 500}).make().start()
    try:
        began, chance = time.monotonic(), random.Random(SEED)
        load = Load(centre, SEED)
        load.until_more(20)
        kills = kill_loop(centre, load, ROUNDS, chance)
        load.until_more(40)
        until(lambda: assigned(load) > 0, "a unit that was sent")  # a slow machine comes to none between its deaths
        load.go_home()
        before = shown(centre)
        killed_and_started(centre)
        assert shown(centre) == before
        check_callers(centre, load.ledger)
        until(lambda: lag(centre) == 0, "the report")
        killed_and_started(centre)
        until(lambda: lag(centre) == 0, "the report")
        assert centre.stop() == 0, centre.log_tail()
        if store is None:  # a journal that was closed cleanly is one file
            assert not os.path.exists(centre.data / "journal.db-wal") or os.path.getsize(centre.data / "journal.db-wal") == 0
        journal = entries(centre)
        check_ledger(load.ledger, journal)
        told = check_whole(centre)
        assert told["closed_cleanly"] and told["equal"], told
        missions = assigned(load)
        assert missions > 0 and told["report"]["rows"] > missions, told
        print(f"# seed {SEED}: {kills + 2} kills in {time.monotonic() - began:.0f} s, {len(load.ledger.answers)} acknowledged "
              f"({load.ledger.repeated} of them on repeating), {len(journal)} entries, {missions} missions, "
              f"{len(load.ledger.callers)} callers, {told['report']['rows']} report rows, {told['audit']['rows']} audit rows, "
              f"refused {dict(load.ledger.refused)}, 503 {dict(load.ledger.problems)}")
    finally:
        centre.remove()


def a_clean_stop_drains():
    centre = Centre(settings=SETTINGS).make().start()
    try:
        load = Load(centre, SEED)
        load.until_more(100)
        assert centre.stop() == 0, centre.log_tail()
        load.give_up()
        check_ledger(load.ledger, entries(centre), all_answered=False)
        assert check_whole(centre)["closed_cleanly"]
    finally:
        centre.remove()


if __name__ == "__main__":
    main([nothing_acknowledged_is_lost, a_clean_stop_drains])
