#!/usr/bin/env python3
"""Backups of a centre in PostgreSQL: pg_dump in one snapshot under load, and any moment by base backup and archived log; both
are compared by the hash of the state that the journal leads to."""
import json
import pathlib
import shutil
import subprocess

import postgres_server
from backup_test import LONG, SEED, backup, check_restored, manifest_of, replayed, restore
from centre import Centre, main, run, until
from load import SETTINGS, Load

TOOLS = pathlib.Path(__file__).resolve().parent.parent.parent / "deploy" / "postgresql"


def in_database(server, name, schema=""):
    return f"postgres://mingdi@127.0.0.1:{server.port}/{name}" + (f"?schema={schema}" if schema else "")


class Copy:
    """What check_restored takes for a folder."""

    def __init__(self, url):
        self.url = url

    def __str__(self):
        return self.url

    def iterdir(self):
        return []


def a_dump_in_one_snapshot():
    if not postgres_server.Server.available():
        return "no PostgreSQL 15"
    with postgres_server.Server() as server:
        centre = Centre(store=server.url(), settings={**SETTINGS, "snapshot_every": 300}).make().start()
        try:
            dumped_and_restored(server, centre)
        finally:
            centre.remove()
    return None


def dumped_and_restored(server, centre):
    load, folder = Load(centre, SEED), centre.folder / "backups"
    load.until_more(150)
    made = backup(centre, folder)
    load.until_more(50)
    load.go_home()
    assert [file["role"] for file in manifest_of(made)["files"]] == ["dump", "settings", "city"]
    done = backup(centre, folder, "--add", check=False)
    assert done.returncode == 2 and "archives its log" in done.stderr, done
    for name in ("one", "two", "three"):
        server.psql(f"CREATE DATABASE {name}")
    target = centre.folder / "one"
    told = restore(folder, target, "--store", in_database(server, "one"), "--key", str(centre.data / "master.key"))
    assert sorted(path.name for path in target.iterdir()) == ["city.mingdi", "master.key", "mingdi.yaml"]
    check_restored(centre, made, told, Copy(in_database(server, "one")))
    told = restore(folder, centre.folder / "two", "--store", in_database(server, "two"), "--sequence", "60")
    assert told["sequence"] <= 60 and told["left_out"] >= made["sequence"] - 60
    check_restored(centre, made, told, Copy(in_database(server, "two")))
    refusals(server, centre, folder, made)
    served(server, centre, target, load)


def refusals(server, centre, folder, made):
    again = restore(folder, centre.folder / "again", "--store", in_database(server, "one"), check=False)
    assert again.returncode == 1 and "has a schema mingdi" in again.stderr, again
    other = restore(folder, centre.folder / "again", "--store", in_database(server, "three", "elsewhere"), check=False)
    assert other.returncode == 2 and "schema mingdi" in other.stderr, other
    folderless = restore(folder, centre.folder / "again", check=False)
    assert folderless.returncode == 2 and "--store" in folderless.stderr, folderless
    place = pathlib.Path(made["backup"]) / "manifest.json"
    whole = place.read_text()
    flipped = "0" if made["state_hash"][0] != "0" else "1"
    place.write_text(whole.replace(made["state_hash"], flipped + made["state_hash"][1:]))
    password = centre.folder / "prepared" / ".pgpass"
    password.parent.mkdir()
    password.write_text("127.0.0.1:*:*:mingdi:not-asked-for\n")
    for target in (centre.folder / "again", password.parent):
        wrong = restore(folder, target, "--store", in_database(server, "three"), check=False)
        assert wrong.returncode == 1 and "state" in wrong.stderr, wrong
    place.write_text(whole)
    assert not (centre.folder / "again").exists()
    assert list(password.parent.iterdir()) == [password] and "not-asked-for" in password.read_text()
    left = subprocess.run([server.binaries / "psql", "-XqAt", "-c", "SELECT count(*) FROM pg_namespace WHERE nspname = 'mingdi'",
                           in_database(server, "three")], capture_output=True, text=True, check=True)
    assert left.stdout.strip() == "0", "the schema of a restore that failed is there"


def served(server, centre, target, load):
    assert centre.stop() == 0
    original, centre.data, centre.store = (centre.data, centre.store), target, in_database(server, "one")
    centre.start()
    wang = centre.person("wang")
    assert wang.ask("GET", "/calls?limit=5").json["items"]
    known = [call for call in load.ledger.callers if wang.ask("GET", f"/calls/{call}").status == 200]
    assert known and wang.ask("GET", f"/calls/{known[0]}/caller").json["number"] == load.ledger.callers[known[0]]["number"]
    assert centre.stop() == 0
    centre.data, centre.store = original


# ---------------------------------------------------------------- any moment, by the archived log

def any_moment():
    if not LONG or not postgres_server.Server.available():
        return "a long test, with PostgreSQL 15"
    with postgres_server.Server() as server:
        wal = server.folder / "wal"
        wal.mkdir()
        shutil.chown(wal, **{"user": server.data.owner(), "group": server.data.group()})
        server.psql("ALTER SYSTEM SET archive_mode = on")
        server.psql(f"ALTER SYSTEM SET archive_command = '{archiver(server)} \"%p\" {wal} \"%f\"'")
        server.restart()
        centre = Centre(store=server.url(), settings={**SETTINGS, "snapshot_every": 300}).make().start()
        try:
            recovered(server, centre, wal)
        finally:
            centre.remove()
    return None


def archiver(server):
    """Where the server's user can read it, as when it is installed."""
    copy = server.folder / "archive-wal"
    shutil.copy(TOOLS / "archive-wal", copy)
    copy.chmod(0o755)
    return copy


def recovered(server, centre, wal):
    load = Load(centre, SEED)
    load.until_more(40)
    made = subprocess.run([TOOLS / "base-backup", centre.folder / "base", "-h", "127.0.0.1", "-p", str(server.port), "-U",
                           "mingdi"], capture_output=True, text=True, timeout=120)
    assert made.returncode == 0, made
    base = pathlib.Path(made.stdout.strip())
    load.until_more(60)
    before = int(server.psql("SELECT max(last_sequence) FROM mingdi.journal_group").stdout)
    moment = server.psql("SELECT clock_timestamp()").stdout.strip()
    load.until_more(60)
    load.go_home()
    whole = backup(centre, centre.folder / "backups")
    last = server.psql("SELECT pg_walfile_name(pg_switch_wal())").stdout.strip()
    until(lambda: (wal / last).exists(), "the log in its archive")
    assert centre.stop() == 0
    folder = pathlib.Path(str(server.folder) + "-recovered")
    folder.mkdir()
    try:
        told = subprocess.run([TOOLS / "restore-to", moment, base, wal, folder / "data"], capture_output=True, text=True)
        assert told.returncode == 0, told
        again = subprocess.run([TOOLS / "restore-to", moment, base, wal, folder / "data"], capture_output=True, text=True)
        assert again.returncode == 1 and "not empty" in again.stderr, again
        compare(server, centre, folder, before, whole)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def compare(server, centre, folder, before, whole):
    """The recovered server's journal against the same prefix of the original's."""
    (folder / "port").write_text(str(server.port + 1 if server.port < 60000 else server.port - 1))
    who = postgres_server.unprivileged()
    if who:
        subprocess.run(["chown", "-R", f"{who['user']}:{who['group']}", folder], check=True)
    with postgres_server.Server(folder) as copy:
        until(lambda: copy.psql("SELECT pg_is_in_recovery()").stdout.strip() == "f", "the end of the recovery")
        there = replayed(copy.url())
        verified = json.loads(run("journal", "verify", copy.url()).stdout)
        assert before <= there["last_sequence"] < whole["sequence"], (before, there, whole)
        server.psql("CREATE DATABASE cut")
        told = restore(centre.folder / "backups", centre.folder / "cut", "--store", in_database(server, "cut"), "--sequence",
                       str(there["last_sequence"]))
        assert told["sequence"] == there["last_sequence"] and told["state_hash"] == there["state_hash"], (told, there)
        assert told["chain"] == verified["chain"], (told, verified)


if __name__ == "__main__":
    main([a_dump_in_one_snapshot, any_moment])
