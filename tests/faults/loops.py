#!/usr/bin/env python3
"""The Nth allocation, read, write, sync or connect of a command fails, for N = 1, 2, 3 ... until none failed. After each: no
crash, one line that says what is wrong or the right result, no descriptor left open, the file that it makes is the old one or
the new one, whole, nothing else is left beside it, and the next try works.

usage: MINGDI=program loops.py [case...]. In a short run some N are left out where there are many (it says how many were
tried); MINGDI_LONG=1 tries all, of allocations 400 of each case, and where most are SQLite's ("own": but those) all others.
FAULTS_WITHOUT_ALLOC=1: of a program that brings its own allocator (sanitizers). gateway_mqtt is run only if it is named: it
needs the distribution's Python, which has the library of its phone.

Another case is a function with @case(...): it gets a folder, and returns the command, what must hold afterwards, and what
makes the folder as it was. A command is a list of words, or a function that gets the environment with the fault and returns
what subprocess.run does.
"""
import contextlib
import functools
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "process"))
import centre as running  # noqa: E402 (of the process tests)
import postgres_server  # noqa: E402
from gateway_session import TerminalSession  # noqa: E402 (beside this file)

MINGDI = os.environ["MINGDI"]
LONG = bool(os.environ.get("MINGDI_LONG"))
WITHOUT_ALLOC = bool(os.environ.get("FAULTS_WITHOUT_ALLOC"))
TRIES_SHORT = 7
ROADS = HERE.parent / "cli" / "town" / "roads.geojson"
MAP = HERE.parent / "tiles" / "town.osm"
CASES = {}
SERVERS = contextlib.ExitStack()  # that cases have started


def case(*kinds, tries=TRIES_SHORT):
    """Registers a case, the kinds of calls that fail in it, and how many of each do in a short run."""
    def register(function):
        CASES[function.__name__] = (function, kinds, tries)
        return function
    return register


def mingdi(*words):
    return subprocess.run([MINGDI, *map(str, words)], capture_output=True, text=True, timeout=120, check=False)


# ---------------------------------------------------------------- the harness

class Loop:
    def __init__(self, folder, library):
        self.folder, self.report = folder, folder / "report"
        self.environment = {**os.environ, "LD_PRELOAD": str(library), "FAULT_REPORT": str(self.report),
                            "ASAN_OPTIONS": "verify_asan_link_order=0:" + os.environ.get("ASAN_OPTIONS", "")}

    def run(self, command, kind, at):
        """The command's end, the calls that it made, whether one failed, and the descriptors that it left open."""
        self.report.unlink(missing_ok=True)
        environment = {**self.environment, "FAULT_KIND": kind, "FAULT_AT": str(at)}
        if callable(command):
            done = command(environment)
        else:
            done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=120, check=False,
                                  env=environment)
        figures = (self.report.read_text() if self.report.exists() else "").split() or ["0", "1", "0"]
        return done, int(figures[0]), figures[1] == "1", int(figures[2])


def check_end(done, where, kind):
    """It succeeded, or failed with a line of its own. An allocation of a few bytes that is refused may end the program by a
    CHECK that says so (base/file.h); anything else is a crash."""
    is_check = kind in ("alloc", "own") and done.returncode == -6 and "check failed" in done.stderr
    assert done.returncode in (0, 1) or is_check, f"{where}: ended with {done.returncode}: {done.stderr[-600:]}"
    if done.returncode == 1:
        assert re.search(r'^mingdi: .{10,}|"level":"error"', done.stderr, re.M), f"{where}: says nothing: {done.stderr!r}"
    return is_check


def places(calls, kind, tries):
    """Which N are tried: all, or in a short run some of them, the first and the last among them."""
    if LONG and kind != "alloc":
        return range(1, calls + 1)
    most = 400 if LONG else tries
    step = max(1, -(-calls // most))
    return sorted({*range(1, calls + 1, step), calls} - {0})


def loop(name, library):
    make, kinds, tries = CASES[name]
    for kind in kinds:
        if (kind in ("alloc", "own") and WITHOUT_ALLOC) or (kind == "own" and not LONG):
            continue
        folder = pathlib.Path(tempfile.mkdtemp(prefix="mingdi-faults-"))
        try:
            command, holds, again = make(folder)
            faults = Loop(folder, library)
            again()
            done, calls, _, left = faults.run(command, kind, 0)
            assert done.returncode == 0 and left <= 0, f"{name}, nothing failing: {done.stderr} {left}"
            failed = checks = tried = 0
            for at in places(calls, kind, tries):
                where = f"{name}, {kind} {at} of {calls}"
                again()
                done, _, _, left = faults.run(command, kind, at)
                checks += check_end(done, where, kind)
                is_cut = done.returncode < 0 or "the event loop has trouble" in done.stderr  # libevent has called exit
                assert left <= 0 or is_cut, f"{where}: {left} descriptors left open"
                holds(done, where)
                tried, failed = tried + 1, failed + (done.returncode != 0)
            print(f"# {name}: {kind}: {calls} calls, {tried} failed one by one: {failed} told, {checks} by a CHECK, "
                  f"{tried - failed} did without")
        finally:
            shutil.rmtree(folder)


# ---------------------------------------------------------------- the cases

def nothing():
    """The command changes nothing."""


def facts(city):
    """What tells one city file from another; that it is whole, it checks itself when it is opened."""
    told = mingdi("city", "info", city).stdout
    return [json.loads(told)[name] for name in ("name", "fingerprint", "nodes", "arcs", "places")] if told else None


@case("alloc", "read", "write", "sync")
def road_import(folder):
    """Over a city file that is there already: it stays as it was, or is replaced by the new one."""
    (folder / "out").mkdir()
    city, whole = folder / "out" / "city.mingdi", folder / "whole.mingdi"
    assert mingdi("city", "import", "--osm", MAP, "--name", "Town", "-o", whole).returncode == 0
    old, new = b"what was there before", facts(whole)

    def is_new():
        return facts(city) == new

    def again():
        city.write_bytes(old)

    def holds(done, where):
        is_old = city.read_bytes() == old
        assert is_old or is_new(), f"{where}: the city file is neither old nor new"
        assert done.returncode != 0 or not is_old, f"{where}: said to be done, and was not"
        assert done.returncode < 0 or [p.name for p in city.parent.iterdir()] == ["city.mingdi"], \
            f"{where}: left behind {list(city.parent.iterdir())}"
        for rest in city.parent.iterdir():
            rest.unlink()
        assert mingdi("city", "import", "--osm", MAP, "--name", "Town", "-o", city).returncode == 0, where
        assert is_new(), f"{where}: the next try makes another file"
    return [MINGDI, "city", "import", "--osm", MAP, "--name", "Town", "-o", city], holds, again


@case("alloc", "read")
def city_open(folder):
    city = folder / "city.mingdi"
    assert mingdi("city", "import", "--geojson", ROADS, "-o", city).returncode == 0
    command = [MINGDI, "road", "route", city, "--from", "11.96,57.70", "--to", "11.976,57.708"]
    right = mingdi(*command[1:]).stdout

    def holds(done, where):
        assert done.returncode != 0 or done.stdout == right, f"{where}: a wrong answer"
    return command, holds, nothing


def make_setup(folder):
    """A centre's plain files, and its city."""
    setup = folder / "setup"
    shutil.copytree(ROADS.parent / "scenario", setup)
    assert mingdi("city", "import", "--geojson", ROADS, "--name", "Town", "-o", setup / "city.mingdi").returncode == 0
    (setup / "people.csv").write_text("name,display,role,scope,scope_id,password\n"
                                      "root,Root,administrator,centre,,correct horse battery\n")
    return setup


def init(setup, data):
    return ["init", "--data", data, "--from", setup, "--token", "probe:gateway"]


@case("alloc", "own", "read", "write", "sync")
def store_init(folder):
    """The store is made whole, or not at all; what is left never keeps the next try from making it."""
    setup, data = make_setup(folder), folder / "data"
    command = [MINGDI, *init(setup, data)]

    def again():
        shutil.rmtree(data, ignore_errors=True)

    def holds(done, where):
        if done.returncode != 0:
            next_try = mingdi(*command[1:])
            assert next_try.returncode == 0 or "centre" in next_try.stderr, f"{where}: the next try: {next_try.stderr}"
        verified = mingdi("journal", "verify", data / "journal.db")
        assert verified.returncode == 0, f"{where}: {verified.stderr}"
    return command, holds, again


@case("alloc", "read")
def store_read(folder):
    setup, data = make_setup(folder), folder / "data"
    made = mingdi(*init(setup, data))
    assert made.returncode == 0, made.stderr
    command = [MINGDI, "journal", "verify", data / "journal.db"]
    right = mingdi(*command[1:]).stdout

    def holds(done, where):
        assert done.returncode != 0 or done.stdout == right, f"{where}: a wrong answer"
        assert mingdi(*command[1:]).stdout == right, f"{where}: the journal has suffered"
    return command, holds, nothing


@case("connect")
def store_connect(folder):
    """A journal in PostgreSQL."""
    setup = make_setup(folder)
    url = SERVERS.enter_context(postgres_server.Server()).url()
    made = mingdi(*init(setup, folder / "data"), "--store", url)
    assert made.returncode == 0, made.stderr
    command = [MINGDI, "journal", "verify", url]
    right = mingdi(*command[1:]).stdout

    def holds(done, where):
        assert done.returncode != 0 or done.stdout == right, f"{where}: a wrong answer"
        assert mingdi(*command[1:]).stdout == right, f"{where}: the next try"
    return command, holds, nothing


# ---------------------------------------------------------------- backup and restore

@functools.cache
def a_past():
    """The data folder of a centre after some calls, and after some more. Copies of these are what is worked with."""
    folder = pathlib.Path(SERVERS.enter_context(tempfile.TemporaryDirectory(prefix="mingdi-faults-")))
    centre = running.Centre(folder=folder / "centre").make()
    SERVERS.callback(centre.remove)
    kept = []
    for name in ("few", "more"):
        centre.start()
        wang = centre.person("wang")
        for number in range(4):
            assert wang.ask("POST", "/calls", {"number": f"+46317031{number:03}"}).status in (200, 201)
        assert centre.stop() == 0
        kept.append(shutil.copytree(centre.data, folder / name))
    return kept


def named(backups):
    """What looks like a backup."""
    there = sorted(backups.iterdir()) if backups.exists() else []
    return [path for path in there if path.name.startswith("backup-") and not path.name.endswith(".partial")]


def last_of(journal):
    told = json.loads(mingdi("journal", "verify", journal).stdout)
    return told["last_sequence"], told["chain"]


def restored(source, target):
    """To where a backup reaches, as a restore of it tells, which proves it."""
    shutil.rmtree(target, ignore_errors=True)
    done = mingdi("restore", "--from", source, "--data", target)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    return told["sequence"], told["chain"]


@case("alloc", "own", "read", "write", "sync", tries=2)
def backup_make(folder):
    """What failed leaves nothing that looks like a backup, and nothing at all unless a CHECK ended it."""
    data, backups = a_past()[1], folder / "backups"
    command = [MINGDI, "backup", "--data", data, "--to", backups]
    right = last_of(data / "journal.db")

    def again():
        shutil.rmtree(backups, ignore_errors=True)

    def holds(done, where):
        there = list(backups.iterdir()) if backups.exists() else []
        if done.returncode == 1 and "for the text" not in done.stderr:  # made, and only not told
            assert not there, f"{where}: left {there}: {done.stderr}"
        elif done.returncode == 0:
            assert len(there) == 1, f"{where}: {there}"
        for one in named(backups):  # told of it failed: it is whole all the same
            assert restored(one, folder / "copy") == right, where
        next_try = mingdi(*command[1:])
        assert next_try.returncode == 0 and set(backups.iterdir()) == set(named(backups)), f"{where}: the next try: {next_try}"
    return command, holds, again


@case("alloc", "own", "read", "write", "sync", tries=2)
def backup_add(folder):
    """Adding: the backup is what it was, or reaches further; its folder has the files that its manifest names."""
    (few, more), backups, kept = a_past(), folder / "backups", folder / "kept"
    command = [MINGDI, "backup", "--data", more, "--to", backups, "--add"]
    assert mingdi("backup", "--data", few, "--to", kept).returncode == 0
    old, new = last_of(few / "journal.db"), last_of(more / "journal.db")
    assert old != new

    def again():
        shutil.rmtree(backups, ignore_errors=True)
        shutil.copytree(kept, backups)

    def holds(done, where):
        [one] = named(backups)
        manifest = json.loads((one / "manifest.json").read_text())
        reaches = restored(one, folder / "copy")
        assert reaches == new or (done.returncode != 0 and reaches == old), where
        listed = {path.name for path in one.iterdir()} - {"manifest.json"}
        wanted = {file["name"] for file in manifest["files"]}
        tidy = done.returncode == 0 or (done.returncode == 1 and reaches == old)
        assert listed == wanted if tidy else listed >= wanted, f"{where}: {listed} {wanted}"
        next_try = mingdi(*command[1:])
        assert next_try.returncode == 0 and restored(one, folder / "copy") == new, f"{where}: the next try: {next_try}"
    return command, holds, again


@case("alloc", "own", "read", "write", "sync", tries=2)
def restore(folder):
    """What failed leaves nothing that looks like a centre, and nothing at all unless a CHECK ended it."""
    original, backups, data = a_past()[1], folder / "backups", folder / "data"
    assert mingdi("backup", "--data", original, "--to", backups).returncode == 0
    command = [MINGDI, "restore", "--from", backups, "--data", data, "--key", original / "master.key"]
    right = last_of(original / "journal.db")

    def again():
        shutil.rmtree(data, ignore_errors=True)

    def holds(done, where):
        if done.returncode == 0:
            assert last_of(data / "journal.db") == right, where
        elif done.returncode == 1 and "for the text" not in done.stderr:  # made, and only not told
            assert not data.exists(), f"{where}: left {list(data.iterdir())}"
        elif (data / "journal.db").exists():  # told of it failed: it is whole all the same
            assert mingdi("journal", "verify", data).returncode == 0 and last_of(data / "journal.db") == right, where
            again()
        else:
            next_try = mingdi(*command[1:])
            assert next_try.returncode == 0 or "killed" in next_try.stderr, f"{where}: the next try: {next_try.stderr}"
            again()
        if not data.exists():
            assert mingdi(*command[1:]).returncode == 0 and last_of(data / "journal.db") == right, f"{where}: the next try"
    return command, holds, again


@case("connect", tries=3)
def backup_connect(folder):
    """Of a centre in PostgreSQL."""
    setup, backups = make_setup(folder), folder / "backups"
    url = SERVERS.enter_context(postgres_server.Server()).url()
    made = mingdi(*init(setup, folder / "data"), "--store", url)
    assert made.returncode == 0, made.stderr
    command = [MINGDI, "backup", "--data", folder / "data", "--store", url, "--to", backups]

    def again():
        shutil.rmtree(backups, ignore_errors=True)

    def holds(done, where):
        assert len(list(backups.iterdir()) if backups.exists() else []) == (1 if done.returncode == 0 else 0), where
    return command, holds, again


@case("connect", tries=3)
def restore_connect(folder):
    """Into PostgreSQL: what failed leaves no schema and no folder."""
    setup, backups, data = make_setup(folder), folder / "backups", folder / "target"
    server = SERVERS.enter_context(postgres_server.Server())
    made = mingdi(*init(setup, folder / "data"), "--store", server.url())
    assert made.returncode == 0, made.stderr
    assert mingdi("backup", "--data", folder / "data", "--store", server.url(), "--to", backups).returncode == 0

    def schemas():
        return server.psql("SELECT count(*) FROM pg_namespace WHERE nspname = 'mingdi'").stdout.strip()

    def again():
        server.psql("DROP SCHEMA IF EXISTS mingdi CASCADE")
        shutil.rmtree(data, ignore_errors=True)

    def holds(done, where):
        whole = done.returncode == 0
        assert schemas() == ("1" if whole else "0") and data.exists() == whole, f"{where}: {done.stderr}"
        assert not whole or mingdi("journal", "verify", server.url()).returncode == 0, where
    return [MINGDI, "restore", "--from", backups, "--data", data, "--store", server.url()], holds, again


def session_of(session):
    SERVERS.callback(session.close)
    return session.run, session.holds, session.again


@case("alloc", "read", "write", "connect", tries=2)
def gateway(folder):
    """A terminal's session: nothing that was confirmed is lost or doubled, and the process serves on or ends with its reason."""
    return session_of(TerminalSession(folder, MINGDI))


@case("alloc", "read", "write", "connect", tries=2)
def gateway_mqtt(folder):
    """A phone's, over a broker."""
    try:
        from gateway_session_mqtt import PhoneSession
    except ImportError as missing:
        print(f"skipped: {missing}")
        sys.exit(77)
    return session_of(PhoneSession(folder, MINGDI))


def main():
    names = sys.argv[1:] or [name for name in CASES if name != "gateway_mqtt"]
    if not postgres_server.Server.available():
        left_out = [name for name in names if name.endswith("_connect")]
        names = [name for name in names if name not in left_out]
        print(f"# no PostgreSQL here: left out: {left_out}")
    with SERVERS, tempfile.TemporaryDirectory(prefix="mingdi-faults-") as folder:
        library = pathlib.Path(folder) / "interposer.so"
        flags = ["-DWITHOUT_ALLOC"] if WITHOUT_ALLOC else []
        subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-Wall", *flags, "-o", library, HERE / "interposer.c", "-ldl"],
                       check=True)
        for name in names:
            loop(name, library)


main()
