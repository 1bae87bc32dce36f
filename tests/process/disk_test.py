#!/usr/bin/env python3
"""A centre in a folder whose disk fails under load: full (a small file system of its own, where that may be mounted; and
the limit of a file's size, which anybody can set), a sync or a write that fails (a layer put under the server for
that), a write that is torn by a kill, and damage in the files. While the disk fails commands are refused by name,
/readyz says so, reads go on; once it works again the server goes on by itself, nothing acknowledged is lost and
nothing is there twice. Damage is named by `mingdi journal verify`, and a server does not start on what it cannot
read.

usage: disk_test.py [test...]; SEED=N repeats a run; MINGDI_LONG=1 for more rounds
"""
import os
import pathlib
import random
import resource
import shutil
import signal
import sqlite3
import struct
import subprocess
import tempfile
import time

from centre import Centre, main, run, until
from load import SETTINGS, Load, check_callers, check_ledger, check_whole, entries, lag

LONG = bool(os.environ.get("MINGDI_LONG"))
SEED = int(os.environ.get("SEED", "120"))
ROUNDS = 8 if LONG else 2
FOREIGN = 1  # number of calls that are none of the workers'
LAYER = r"""
/* Under the server: while the file that MINGDI_FAULT names exists, what it says fails for the journal's files. "sync":
 * f(data)sync gives EIO. "write": pwrite gives EIO. "torn": pwrite writes half of it, then gives EIO. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int wanted(const char *kind)
{
    static int (*open_file)(const char *, int, ...);
    char said[16] = "";
    if (open_file == NULL) {
        open_file = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open");
    }
    int saved = errno;
    int file = open_file(getenv("MINGDI_FAULT"), O_RDONLY);
    if (file >= 0) {
        (void)!read(file, said, sizeof said - 1);
        close(file);
    }
    errno = saved;
    return strcmp(said, kind) == 0;
}

static int is_journal(int file)
{
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    path[length > 0 ? length : 0] = '\0';
    return strstr(path, "/journal.db") != NULL;
}

#define SYNC(name)                                                        \
    int name(int file)                                                    \
    {                                                                     \
        int (*next)(int) = (int (*)(int))dlsym(RTLD_NEXT, #name);         \
        if (is_journal(file) && wanted("sync")) { errno = EIO; return -1; } \
        return next(file);                                                \
    }
SYNC(fsync)
SYNC(fdatasync)

typedef ssize_t write_at(int, const void *, size_t, off_t);
#define WRITE(name)                                                                                                           \
    ssize_t name(int file, const void *bytes, size_t size, off_t at)                                                          \
    {                                                                                                                         \
        write_at *next = (write_at *)dlsym(RTLD_NEXT, #name);                                                                 \
        if (is_journal(file) && wanted("torn")) { (void)!next(file, bytes, size / 2, at); errno = EIO; return -1; }            \
        if (is_journal(file) && wanted("write")) { errno = EIO; return -1; }                                                  \
        return next(file, bytes, size, at);                                                                                   \
    }
WRITE(pwrite)
WRITE(pwrite64)
"""


# ---------------------------------------------------------------- what a client is told while the disk fails

def check_refused(centre, person, said):
    """Commands are refused and say why, reads go on."""
    gateway = centre.client("gateway")
    answer = until(lambda: (a := gateway.ask("POST", "/commands/call_offer", {"external": FOREIGN})).status == 503 and a,
                   "a refusal")
    assert answer.json["name"] in ("journal_unavailable", "not_durable"), answer
    assert int(answer.headers["Retry-After"]) >= 1 and answer.json["detail"], answer
    ready = until(lambda: (a := person.ask("GET", "/readyz")).status == 503 and len(a.json["reasons"]) == 2 and a, "not ready")
    assert ready.json["ready"] is False, ready
    said.add(ready.json["reasons"][1].rpartition(": ")[2])
    for _ in range(3):
        shown = person.ask("GET", "/calls?limit=5")
        assert shown.status == 200 and shown.json["items"], shown
        assert person.ask("GET", "/healthz").status == 200


def check_back(person):
    until(lambda: person.ask("GET", "/readyz").status == 200, "ready again")


def under_load(centre, fail, heal, rounds=ROUNDS, meanwhile=None):
    """Rounds of failing and healing under load, then everything is checked."""
    began, said, chance = time.monotonic(), set(), random.Random(SEED)
    load, person = Load(centre, SEED), centre.person("chen")
    for _ in range(rounds):
        load.until_more(chance.randrange(20, 200))
        fail()
        try:
            check_refused(centre, person, said)
            if meanwhile:
                meanwhile(person, load)
        finally:
            heal()
            person.close()  # its server may be another one now
        check_back(person)
        load.until_more(20)
    finish(centre, load)
    print(f"# seed {SEED}: {rounds} rounds in {time.monotonic() - began:.0f} s, {len(load.ledger.answers)} acknowledged "
          f"({load.ledger.repeated} of them on repeating), 503 {dict(load.ledger.problems)}; said: {sorted(said)}")


def finish(centre, load):
    load.go_home()
    check_callers(centre, load.ledger)
    until(lambda: lag(centre) == 0, "the report")
    assert centre.stop() == 0, centre.log_tail()
    check_ledger(load.ledger, entries(centre), foreign=FOREIGN)
    told = check_whole(centre)
    assert told["closed_cleanly"] and told["equal"], told


# ---------------------------------------------------------------- full

def nothing_personal_unseen(person, load):
    """A look at a caller that cannot be written down is not granted (the tables may have room where the journal has none); data
    that cannot be kept are not said to be."""
    call = next(iter(load.ledger.callers), None)
    if call is not None:
        answer = person.ask("GET", f"/calls/{call}/caller")
        assert answer.status == 200 or answer.status == 503 and b"Caller" not in answer.body, answer
        load.ledger.looks[call] += answer.status == 200
    answer = person.ask("POST", "/calls", {"number": "+46 31 0"})
    assert answer.status == 503 and answer.json["detail"], answer


def a_full_disk():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="mingdi-disk-"))
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=80m", "mingdi-test", folder], capture_output=True).returncode != 0:
        folder.rmdir()
        return "no file system may be mounted here"
    centre, filler = None, folder / "filler"
    try:
        centre = Centre(folder=folder, settings={**SETTINGS, "snapshot_every": 1000}).make().start()

        def fill():
            with open(filler, "wb", buffering=0) as file:
                try:
                    while True:
                        file.write(b"\0" * 65536)
                except OSError:
                    pass
        under_load(centre, fill, filler.unlink, meanwhile=nothing_personal_unseen)
    finally:
        if centre is not None:
            centre.remove()
        subprocess.run(["umount", folder], check=True)
        folder.rmdir()
    return None


def files_may_not_grow():
    """The limit of a file's size: no right is needed to set it, and a process that does not expect it dies of a signal."""
    centre = Centre(settings={**SETTINGS, "snapshot_every": 1000}).make().start()
    try:
        free = resource.prlimit(centre.process.pid, resource.RLIMIT_FSIZE)
        under_load(centre, lambda: resource.prlimit(centre.process.pid, resource.RLIMIT_FSIZE, (4096, free[1])),
                   lambda: resource.prlimit(centre.process.pid, resource.RLIMIT_FSIZE, free))
    finally:
        centre.remove()


# ---------------------------------------------------------------- failing calls

class Faults:
    """The layer, compiled, and its switch."""

    def __init__(self, folder):
        self.switch, source, library = folder / "fault", folder / "layer.c", folder / "layer.so"
        source.write_text(LAYER)
        subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
        self.environment = {"LD_PRELOAD": str(library), "MINGDI_FAULT": str(self.switch),
                            "ASAN_OPTIONS": "verify_asan_link_order=0:" + os.environ.get("ASAN_OPTIONS", "")}

    def on(self, kind):
        fresh = self.switch.with_suffix(".new")
        fresh.write_text(kind)
        fresh.rename(self.switch)

    def off(self):
        self.switch.unlink()


def failing_calls(kind, killed):
    if shutil.which("gcc") is None:
        return "no gcc"
    centre = Centre(settings={**SETTINGS, "snapshot_every": 1000}).make()
    faults = Faults(centre.folder)
    centre.start(environment=faults.environment)

    def heal():
        if killed:
            centre.kill()
        faults.off()
        if killed:
            centre.start(environment=faults.environment)
    try:
        under_load(centre, lambda: faults.on(kind), heal)
    finally:
        centre.remove()
    return None


def a_sync_that_fails():
    return failing_calls("sync", killed=False)


def a_write_that_fails():
    return failing_calls("write", killed=False)


def a_write_that_is_torn():
    return failing_calls("torn", killed=False)


def killed_while_writes_are_torn():
    return failing_calls("torn", killed=True)


def killed_while_syncs_fail():
    return failing_calls("sync", killed=True)


def a_name_and_its_unit():
    """The name is stored, the command's sync fails: nobody knows. Whether the client asks again or not, in the end there is the
    unit with its name, or neither; also when the process is killed in between."""
    if shutil.which("gcc") is None:
        return "no gcc"
    centre = Centre().make()
    faults = Faults(centre.folder)
    centre.start(environment=faults.environment)
    try:
        for number, (killed, asks_again) in enumerate(((False, True), (False, False), (True, True), (True, False))):
            name_in_doubt(centre, faults, f"D{number}", killed, asks_again)
    finally:
        centre.remove()


def name_in_doubt(centre, faults, code, killed, asks_again):
    def ask(code, key):
        unit = {"code": code, "name": "Doubtful", "post": 1, "skills": []}
        return centre.person("admin").ask("POST", "/units", unit, {"Idempotency-Key": key})
    before = len(centre.person("admin").ask("GET", "/units?limit=500").json["items"])
    faults.on("sync")
    answer = ask(code, "key-" + code)
    assert answer.status == 503 and answer.json["name"] == "not_durable", answer
    assert ask(code, "another-" + code).status == 503, "nothing is added meanwhile"
    if killed:
        centre.kill()
    faults.off()
    if killed:
        centre.start(environment=faults.environment)
    if asks_again:
        made = until(lambda: (lambda a: a.json if a.status == 201 else None)(ask(code, "key-" + code)), "an answer")["made"]
        assert made == before + 1, made
    until(lambda: ask("N" + code, "next-" + code).status == 201, "another unit")
    units = centre.person("admin").ask("GET", "/units?limit=500").json["items"]
    codes = [u["code"] for u in units[before:]]
    came_about = asks_again or not killed
    assert codes == ([code] if code in codes or came_about else []) + ["N" + code], (codes, killed, asks_again)
    with sqlite3.connect(f"file:{centre.data}/centre.db?mode=ro", uri=True) as tables:
        stored = [row[0] for row in tables.execute("SELECT code FROM directory WHERE kind = 'unit' ORDER BY id")]
    tables.close()
    assert stored == [u["code"] for u in units], (stored, codes)


# ---------------------------------------------------------------- torn and damaged files

def worked_and_killed(settings=None):
    """A centre that some hundred commands went into, and that was killed: its last entries are in the -wal file."""
    centre = Centre(settings={**SETTINGS, **(settings or {})}).make().start()
    load = Load(centre, SEED)
    load.until_more(150)
    load.go_home()
    until(lambda: lag(centre) == 0, "the report")
    centre.kill()
    return centre, load


def frames(path):
    """Of a -wal file: its bytes, the length of the part that counts, the size of a frame
    (https://www.sqlite.org/fileformat2.html#walformat)."""
    data = bytearray(path.read_bytes())
    size = struct.unpack(">I", data[8:12])[0] + 24
    end = 32
    while end + size <= len(data) and data[end + 8:end + 16] == data[16:24]:
        end += size
    return data, end, size


def copy_of(centre, number):
    folder = centre.folder / f"copy{number}"
    folder.mkdir()
    shutil.copytree(centre.data, folder / "data")
    copy = Centre(folder=folder, settings=SETTINGS)
    copy.tokens = centre.tokens
    return copy


def starts_and_works(copy):
    copy.start()
    assert copy.client("gateway").command("call_offer", {"external": FOREIGN}).status == 200
    until(lambda: lag(copy) == 0, "the report")
    assert copy.stop() == 0, copy.log_tail()
    return check_whole(copy)


def an_unfinished_write_behind_the_last_commit():
    """What was being written when the power went is no commit: everything that was acknowledged is there."""
    centre, load = worked_and_killed()
    try:
        check_ledger(load.ledger, entries(centre))
        chance = random.Random(SEED)
        for number in range(ROUNDS * 2):
            copy = copy_of(centre, number)
            path = copy.data / "journal.db-wal"
            data, end, size = frames(path)
            torn = bytearray(data[32:32 + size] if number % 2 else chance.randbytes(size))
            torn[8:16] = data[16:24]  # the salt of this -wal: only the frame's checksum tells that it is torn
            data[end:end + size] = torn[:chance.randrange(1, size + 1)]
            path.write_bytes(data)
            check_ledger(load.ledger, entries(copy))
            assert starts_and_works(copy)["last_sequence"] > 0
            check_ledger(load.ledger, entries(copy), foreign=FOREIGN)
    finally:
        centre.remove()


def a_log_that_lost_its_end():
    """A disk that had promised and did not keep it. What was lost nobody can bring back; what is left is whole groups, from the
    first on, the report and the rest follow it, and the centre works."""
    centre, _ = worked_and_killed()
    try:
        before = entries(centre)
        chance, lost = random.Random(SEED), []
        for number in range(ROUNDS * 2):
            copy = copy_of(centre, number)
            path = copy.data / "journal.db-wal"
            data, end, _ = frames(path)
            cut = chance.randrange(max(32, end - 60000), end)
            if number % 2:
                path.write_bytes(data[:cut])
            else:
                data[cut] ^= 0x10
                path.write_bytes(data)
            left = entries(copy)
            assert left == before[:len(left)] and 8 <= len(left) < len(before), (len(left), len(before))
            assert starts_and_works(copy)["last_sequence"] > len(left)
            assert entries(copy)[:len(left)] == left
            lost.append(len(before) - len(left))
        print(f"# seed {SEED}: of {len(before)} entries these were cut off: {lost}")
    finally:
        centre.remove()


def folded(centre):
    """The -wal file goes into the journal's, as at a checkpoint."""
    database = sqlite3.connect(centre.data / "journal.db")
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    rows = database.execute("SELECT first_sequence, last_sequence, entries FROM entry_group ORDER BY first_sequence").fetchall()
    database.close()
    return rows


def damage(path, what):
    """One bit, in the middle of these bytes of the file."""
    data = bytearray(path.read_bytes())
    at = data.find(what)
    assert at > 0 and data.find(what, at + 1) < 0, "not to be found once in the file"
    data[at + len(what) // 2] ^= 1
    path.write_bytes(data)


def refused_by_serve(copy):
    try:
        copy.start()
    except AssertionError as refusal:
        assert copy.process.returncode not in (0, None) and copy.process.returncode > 0, refusal
        return str(refusal)
    copy.kill()
    raise RuntimeError("a damaged journal is served")


def damage_is_named():
    centre, _ = worked_and_killed()
    try:
        rows = folded(centre)
        for number, row in enumerate((rows[2], rows[len(rows) // 2], rows[-1])):
            copy = copy_of(centre, number)
            damage(copy.data / "journal.db", row[2][-40:])
            told = run("journal", "verify", copy.journal(), check=False)
            assert told.returncode != 0 and told.stdout == "", told
            named = [n for n in range(row[0], row[1] + 1) if str(n) in told.stderr]
            assert named, (row[:2], told.stderr)
            said = refused_by_serve(copy)
            assert any(str(n) in said for n in range(row[0], row[1] + 1)), (row[:2], said)
    finally:
        centre.remove()


def damage_before_a_snapshot_is_named():
    """A clean stop leaves a snapshot: the next start does not read what lies before it, and says what it cannot read."""
    centre, _ = worked_and_killed()
    try:
        centre.start()
        assert centre.stop() == 0
        rows = folded(centre)
        damage(centre.data / "journal.db", rows[2][2][-40:])
        told = run("journal", "verify", centre.journal(), check=False)
        assert told.returncode != 0 and str(rows[2][0]) in told.stderr, told
    finally:
        centre.remove()


def changed_rows_are_named():
    """Rows of the tables beside the journal."""
    centre, _ = worked_and_killed()
    try:
        for number, (file, change, named) in enumerate((
                ("centre.db", "UPDATE audit SET what = 'nothing' WHERE sequence = 3", "3"),
                ("centre.db", "DELETE FROM audit WHERE sequence = 2", "2"),
                ("report.db", "DELETE FROM report_call WHERE call = 1", "1"),
                ("report.db", "UPDATE report_call SET call = 100000 WHERE call = 2", "2"))):
            copy = copy_of(centre, number)
            database = sqlite3.connect(copy.data / file)
            database.execute(change)
            assert database.total_changes == 1, change
            database.commit()
            database.close()
            told = run("journal", "verify", copy.journal(), check=False)
            assert told.returncode != 0 and named in told.stderr, (change, told)
    finally:
        centre.remove()


if __name__ == "__main__":
    main([a_full_disk, files_may_not_grow, a_sync_that_fails, a_write_that_fails, a_write_that_is_torn,
          killed_while_writes_are_torn, killed_while_syncs_fail, a_name_and_its_unit,
          an_unfinished_write_behind_the_last_commit, a_log_that_lost_its_end, damage_is_named,
          damage_before_a_snapshot_is_named, changed_rows_are_named])
