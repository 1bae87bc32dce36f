#!/usr/bin/env python3
"""How long a start takes on a long journal: read from its first entry, and from a snapshot. journal_grow makes the
journal through the engine (a million entries with MINGDI_LONG=1); the server is killed and started on it, and
everything in it is verified and decided again. The seconds are printed, not judged: a machine may be slow.

usage: recovery_test.py; MINGDI_GROW names journal_grow
"""
import json
import os
import pathlib
import subprocess
import time

from centre import MINGDI, Centre, main, until
from load import SETTINGS, lag

LONG = bool(os.environ.get("MINGDI_LONG"))
ENTRIES = 1000000 if LONG else 20000
GROW = os.environ.get("MINGDI_GROW", str(pathlib.Path(MINGDI).resolve().parent / "journal_grow"))
LIMIT_S = 1200


def measured(words):
    began = time.monotonic()
    done = subprocess.run(words, capture_output=True, text=True, timeout=LIMIT_S)
    assert done.returncode == 0, done
    return time.monotonic() - began, done.stdout


def figure(centre, name):
    text = centre.client().ask("GET", "/metrics").body.decode()
    return float(next(row.split()[1] for row in text.splitlines() if row.startswith(name + " ")))


def start(centre, what):
    began = time.monotonic()
    centre.start()
    listening = time.monotonic() - began
    until(lambda: lag(centre) == 0, "the report", LIMIT_S)
    reported = time.monotonic() - began
    with open(f"/proc/{centre.process.pid}/status") as status:
        memory = next(int(row.split()[1]) for row in status if row.startswith("VmHWM"))
    entries = figure(centre, "mingdi_recovery_entries")
    print(f"# {what}: {entries:.0f} entries read in {figure(centre, 'mingdi_recovery_seconds'):.2f} s, listening after "
          f"{listening:.2f} s, report tables after {reported:.2f} s, at most {memory / 1024:.0f} MB")
    return entries


def a_long_journal():
    centre = Centre(settings={**SETTINGS, "snapshot_every": 0}).make()
    try:
        seconds, told = measured([GROW, str(centre.data), str(ENTRIES)])
        last = int(told)
        assert last >= ENTRIES
        print(f"# {last} entries made in {seconds:.1f} s, {os.path.getsize(centre.data / 'journal.db') / 1e6:.0f} MB")
        assert start(centre, "without a snapshot") >= ENTRIES - 10
        assert centre.client("gateway").command("call_offer", {"external": 1}).json["sequence"] == last + 1
        centre.kill()
        assert start(centre, "again, after a kill") >= ENTRIES - 10
        assert centre.stop() == 0, centre.log_tail()
        assert start(centre, "from the snapshot of a clean stop") <= 1
        assert centre.client("gateway").command("call_offer", {"external": 2}).json["sequence"] > last + 1
        assert centre.stop() == 0, centre.log_tail()
        verified, told = measured([MINGDI, "journal", "verify", centre.journal()])
        assert json.loads(told)["closed_cleanly"] and json.loads(told)["report"]["rows"] > ENTRIES / 20, told
        replayed, told = measured([MINGDI, "replay", centre.journal(), "--verify"])
        assert json.loads(told)["equal"], told
        print(f"# verified in {verified:.1f} s, every command decided again in {replayed:.1f} s")
    finally:
        centre.remove()


if __name__ == "__main__":
    main([a_long_journal])
