#!/usr/bin/env python3
"""mingdi init killed, and stopped, at any moment: what is left is no centre, or a whole one; and the next init goes through.

usage: init_killed.py MINGDI SETUP FOLDER ROUNDS [postgres]
"""
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import time


def init(mingdi, setup, data, url, *more):
    words = [mingdi, "init", "--data", str(data), "--from", setup, "--admin", "chief", *more]
    return words + (["--store", url] if url else [])


def journal_is_whole(mingdi, data, url):
    """True if there is a centre, which then must be sound; False if there is none."""
    if not url and not (data / "journal.db").exists():
        return False
    verified = subprocess.run([mingdi, "journal", "verify", url or str(data / "journal.db")], capture_output=True, text=True)
    if url and verified.returncode != 0:
        return False
    assert verified.returncode == 0, verified.stderr
    if '"last_sequence": 0' in verified.stdout:
        assert url, verified.stdout
        return False
    assert '"closed_cleanly": true' in verified.stdout or url, verified.stdout
    for name in ("mingdi.yaml", "city.mingdi", "master.key") + (() if url else ("centre.db", "report.db")):
        assert (data / name).stat().st_size > 0, name
    return True


def one_round(mingdi, setup, data, url, seconds, number):
    process = subprocess.Popen(init(mingdi, setup, data, url), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(seconds)
    process.send_signal(number)
    code = process.wait()
    whole = journal_is_whole(mingdi, data, url)
    if code == 0:
        assert whole
    elif number == signal.SIGTERM and code == 1:
        assert whole or not data.exists(), list(data.iterdir())  # cleared away
    return whole


def all_rounds(mingdi, setup, folder, rounds, url_of):
    draw = random.Random(rounds)
    outcomes = {True: 0, False: 0}
    begin = time.monotonic()
    subprocess.run(init(mingdi, setup, folder / "whole", url_of("whole")), check=True, stdout=subprocess.DEVNULL)
    whole_s = time.monotonic() - begin
    for i in range(rounds):
        data, url = folder / f"centre{i}", url_of(f"r{i}")
        number = signal.SIGKILL if i % 2 == 0 else signal.SIGTERM
        made = one_round(mingdi, setup, data, url, draw.uniform(0, 1.2 * whole_s), number)
        outcomes[made] += 1
        again = subprocess.run(init(mingdi, setup, data, url), capture_output=True, text=True)
        if made:
            assert again.returncode == 1 and "holds a centre already" in again.stderr, again.stderr
        else:
            assert again.returncode == 0, again.stderr
            assert journal_is_whole(mingdi, data, url)
            assert not (data / "init.partial").exists(), list(data.iterdir())
        shutil.rmtree(data)
    print(f"{outcomes[False]} attempts left no centre, {outcomes[True]} were done already")
    assert outcomes[False] > 0


def main():
    mingdi, setup, folder, rounds = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3]), int(sys.argv[4])
    if sys.argv[5:] != ["postgres"]:
        all_rounds(mingdi, setup, folder, rounds, lambda name: None)
        return
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "process"))
    import postgres_server
    if not postgres_server.Server.available():
        print("skipped: no PostgreSQL here")
        sys.exit(77)
    with postgres_server.Server() as server:
        all_rounds(mingdi, setup, folder, rounds, server.url)


main()
