#!/usr/bin/env python3
"""What docs/operations.md says of copies: journal and tables, taken while the centre runs, are a centre in another folder."""
import contextlib
import shutil
import sqlite3
import subprocess

from centre import MINGDI, Centre, main, run, until
from load import lag

FILES = ("mingdi.yaml", "city.mingdi", "master.key")


def copy_of(centre, folder, databases):
    """As sqlite3 NAME ".backup COPY" does it: the journal first."""
    folder.mkdir()
    for name in FILES:
        shutil.copy(centre.data / name, folder)
    for name in databases:
        with contextlib.closing(sqlite3.connect(centre.data / name)) as one, \
                contextlib.closing(sqlite3.connect(folder / name)) as other:
            one.backup(other)
    return folder


def a_copy_is_a_centre():
    centre = Centre().make().start()
    try:
        wang = centre.person("wang")
        for number in range(3):
            assert wang.ask("POST", "/calls", {"number": f"+4631703100{number}"}).status in (200, 201)
        calls = wang.ask("GET", "/calls").json["items"]
        wang.close()
        copy = copy_of(centre, centre.folder / "copy", ("journal.db", "centre.db"))
        assert centre.stop() == 0
        centre.data = copy
        centre.start()
        wang = centre.person("wang")
        assert wang.ask("GET", "/calls").json["items"] == calls
        assert wang.ask("GET", "/calls/2/caller").json["number"] == "+46317031001"
        wang.close()
        until(lambda: lag(centre) == 0, "the report tables")
        assert centre.stop() == 0
        run("journal", "verify", str(copy))
    finally:
        centre.remove()


def a_journal_without_its_people_is_not_served():
    centre = Centre().make()
    try:
        copy = copy_of(centre, centre.folder / "copy", ("journal.db",))
        done = subprocess.run([MINGDI, "serve", "--data", str(copy), "--port", "0"], capture_output=True, text=True, timeout=60)
        assert done.returncode == 1 and "centre.db is missing" in done.stderr, done
        assert not (copy / "centre.db").exists()
    finally:
        centre.remove()


if __name__ == "__main__":
    main([a_copy_is_a_centre, a_journal_without_its_people_is_not_served])
