#!/usr/bin/env python3
"""The doctor beside a centre that works finds nothing that fails; each planted fault is found, under its name, with advice."""
import contextlib
import datetime
import json
import os
import pathlib
import resource
import shutil
import socket
import sqlite3
import subprocess

import postgres_server
from backup_test import backup, file_limit
from centre import Centre, main, run
from ports import free_port

LONG = os.environ.get("MINGDI_LONG") == "1"
CORPUS = pathlib.Path(__file__).resolve().parent.parent / "corpus" / "certificate"
# Of the machine that runs the test nobody knows these.
MACHINE = {"memory", "disk", "sync", "clock", "descriptors"}


def ask_doctor(centre, *more, **options):
    """The findings: subject -> [(level, text, advice)]; and the exit status."""
    words = ["doctor", "--data", str(centre.data), "--json", "--nginx", str(centre.folder / "nginx"), "--mosquitto",
             str(centre.folder / "mosquitto"), "--services", str(centre.folder / "services.env"), *more]
    words += ["--store", centre.store] if centre.store else []
    done = run(*words, check=False, **options)
    told = json.loads(done.stdout)
    found = {}
    for finding in told["findings"]:
        assert finding["level"] in ("ok", "warn", "fail") and finding["text"], finding
        assert (finding["advice"] == "") == (finding["level"] == "ok"), finding
        found.setdefault(finding["subject"], []).append((finding["level"], finding["text"], finding["advice"]))
    assert done.returncode == (1 if told["fail"] else 0), done
    return found


def worst(found, subject):
    levels = [level for level, _, _ in found.get(subject, [])]
    return "fail" if "fail" in levels else "warn" if "warn" in levels else "ok" if levels else None


def expect(centre, subject, level, word, *more, **options):
    found = ask_doctor(centre, *more, **options)
    told = [text for at, text, _ in found.get(subject, []) if at == level]
    assert any(word in text for text in told), (subject, level, word, found)
    return found


@contextlib.contextmanager
def made():
    centre = Centre().make()
    try:
        yield centre
    finally:
        centre.remove()


def set_in_file(centre, **settings):
    path = centre.data / "mingdi.yaml"
    lines = [line for line in path.read_text().splitlines() if line.split(":")[0] not in settings]
    path.write_text("\n".join(lines + [f"{name}: {value}" for name, value in settings.items()]) + "\n")


def beside_a_centre_that_works():
    with made() as centre:
        set_in_file(centre, backup_folder="../backups", personal_keep_days=731, port=free_port())
        backup(centre, centre.folder / "backups")
        centre.start()
        found = ask_doctor(centre)
        bad = {subject: told for subject, told in found.items() if subject not in MACHINE and worst(found, subject) == "fail"}
        assert not bad, bad
        for subject in ("configuration", "key", "modes", "city", "tables", "journal", "backup", "retention", "port", "report",
                        "token", "password"):
            assert worst(found, subject) == "ok", (subject, found)
        assert worst(found, "protocols") == "warn" and MACHINE <= set(found), found
        assert "a server works" in found["port"][0][1]
        assert centre.client("gateway").command("call_offer", {"external": 1}).status == 200
        assert centre.stop() == 0
        text = run("doctor", "--data", str(centre.data), check=False).stdout
        assert "no server works on this centre" in text and "\nok " in text, text


def files_that_are_not_as_they_should_be():
    with made() as centre:
        key, yaml, city = (centre.data / name for name in ("master.key", "mingdi.yaml", "city.mingdi"))
        key.chmod(0o644)
        expect(centre, "key", "fail", "others can read the master key")
        key.unlink()
        expect(centre, "key", "fail", "cannot be read")
        centre.data.chmod(0o755)
        (centre.data / "centre.db").chmod(0o644)
        expect(centre, "modes", "warn", "others can read it")
        (centre.data / "centre.db").chmod(0o600)
        sound = yaml.read_text()
        yaml.write_text(sound + "prot: 8120\n")
        expect(centre, "configuration", "fail", "prot")
        yaml.write_text(sound)
        roads = city.read_bytes()
        city.write_bytes(roads[:len(roads) // 2])
        expect(centre, "city", "fail", "city.mingdi")
        city.write_bytes(roads)
        missing = run("doctor", "--data", str(centre.folder / "nothing"), "--json", check=False)
        assert missing.returncode == 1 and json.loads(missing.stdout)["fail"] >= 4, missing


def databases_that_are_not_as_they_should_be():
    with made() as centre:
        sound = (centre.data / "journal.db").read_bytes()
        with contextlib.closing(sqlite3.connect(centre.data / "journal.db")) as one, one:
            one.execute("UPDATE entry_group SET hash = zeroblob(32) WHERE first_sequence = 1")
        expect(centre, "journal", "fail", "entry")
        (centre.data / "journal.db").write_bytes(sound)
        with contextlib.closing(sqlite3.connect(centre.data / "centre.db")) as one, one:
            one.execute("DELETE FROM mingdi_migration WHERE part = 'centre' AND number = (SELECT max(number) FROM"
                        " mingdi_migration WHERE part = 'centre')")
        expect(centre, "tables", "fail", "at step")
        (centre.data / "centre.db").unlink()
        expect(centre, "tables", "fail", "centre.db")
        (centre.data / "journal.db").unlink()
        expect(centre, "journal", "fail", "journal.db")


def backups_that_are_missing_old_or_damaged():
    with made() as centre:
        expect(centre, "backup", "warn", "no folder of backups")
        set_in_file(centre, backup_folder=centre.folder / "backups", personal_keep_days=30)
        expect(centre, "retention", "warn", "30 days")
        expect(centre, "backup", "fail", "backups")
        place = centre.folder / "backups"
        told = backup(centre, place)
        expect(centre, "backup", "ok", "0 hours old")
        manifest = place / told["backup"].rsplit("/", 1)[1] / "manifest.json"
        whole = json.loads(manifest.read_text())
        old = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=30)
        manifest.write_text(json.dumps({**whole, "added_at": old.strftime("%Y-%m-%dT%H:%M:%SZ")}))
        expect(centre, "backup", "warn", "30 hours old")
        (manifest.parent / "journal.db").write_bytes(b"nothing")
        expect(centre, "backup", "fail", "damaged")


def tokens_and_passwords_that_end():
    with made() as centre:
        def days(count):
            return int((datetime.datetime.now().timestamp() + count * 86400) * 1e6)

        def run_sql(text, *values):
            with contextlib.closing(sqlite3.connect(centre.data / "centre.db")) as one, one:
                one.execute(text, values)

        expect(centre, "token", "ok", "1 tokens of machines, 1 of them without an end")
        for name, ends, revoked in (("soon", 20.5, None), ("old", -3.5, None), ("ancient", -90, None), ("far", 300, None),
                                    ("gone", 5, days(-1))):
            run_sql("INSERT INTO token(token_hash, name, role, scope, created_by, created_at, expires_at, revoked_at)"
                    " VALUES(?, ?, 'gateway', 'centre', 1, 0, ?, ?)", name.encode(), name, days(ends), revoked)
        found = ask_doctor(centre)["token"]
        assert [(level, text) for level, text, _ in found] == [
            ("warn", "the token old (gateway) ended 3 days ago"), ("warn", "the token soon (gateway) ends in 20 days")], found
        expect(centre, "password", "ok", "runs out in 13 days")
        run_sql("UPDATE person SET password_given_at = ? WHERE name = 'li'", days(-10.5))
        expect(centre, "password", "warn", "the first runs out in 3 days")
        run_sql("UPDATE person SET password_given_at = ? WHERE name = 'li'", days(-20.5))
        expect(centre, "password", "warn", "the first ran out 6 days ago")
        run_sql("UPDATE person SET password_given_at = 0")
        expect(centre, "password", "ok", "no password that was given runs out")


def the_machine():
    with made() as centre:
        expect(centre, "descriptors", "warn", "connections_max", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE,
                                                                                                       (1000, 1000)))
        expect(centre, "sync", "fail", "cannot be written", preexec_fn=file_limit(0))
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            set_in_file(centre, port=other.getsockname()[1])
            expect(centre, "port", "fail", "in use")
        set_in_file(centre, address="192.0.2.1")
        expect(centre, "port", "fail", "192.0.2.1")


def certificates():
    if shutil.which("openssl") is None:
        return "no openssl"
    with made() as centre:
        set_in_file(centre, behind_proxy="true")
        expect(centre, "certificate", "warn", "names no certificate")
        sites = centre.folder / "nginx" / "sites-enabled"
        sites.mkdir(parents=True)
        for days, level, word in ((400, "ok", "valid for"), (5, "warn", "valid for"), (None, "fail", "ran out")):
            path = sites.parent / f"{level}.pem" if days else CORPUS / "expired.pem"
            if days:
                subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "/dev/null", "-out", path,
                                "-days", str(days), "-subj", "/CN=mingdi.example"], check=True, capture_output=True)
            (sites / "mingdi").write_text(f"server {{\n    # ssl_certificate /nowhere;\n    ssl_certificate {path};\n"
                                          f"    ssl_certificate_key {sites.parent}/key;\n}}\n")
            found = expect(centre, "certificate", level, word)
            assert len(found["certificate"]) == 1, found
        (sites / "mingdi").write_text("ssl_certificate /nowhere.pem;\n")
        expect(centre, "certificate", "warn", "cannot be read")
        of_the_broker(centre)
    return None


def of_the_broker(centre):
    """What mosquitto serves, and what the gateway shows to it; warn.pem and fail's are of the test above."""
    shutil.rmtree(centre.folder / "nginx" / "sites-enabled")
    set_in_file(centre, behind_proxy="false")
    own, old = centre.folder / "nginx" / "warn.pem", CORPUS / "expired.pem"
    (centre.folder / "mosquitto" / "conf.d").mkdir(parents=True)
    (centre.folder / "mosquitto" / "conf.d" / "mingdi.conf").write_text(f"listener 8883\n#certfile /nowhere\ncertfile {own}\n")
    (centre.folder / "services.env").write_text(f"# --certificate /nowhere\nGATEWAY_MQTT_OPTIONS=--ca {old} --key /nowhere\n")
    told = {(level, text.split(":")[0], advice.split()[-1]) for level, text, advice in ask_doctor(centre)["certificate"]}
    assert told == {("warn", str(own), "mosquitto"), ("fail", str(old), "broker")}, told


def in_postgresql():
    if not LONG or not postgres_server.Server.available():
        return "a long test, with PostgreSQL 15"
    with postgres_server.Server() as server:
        centre = Centre(store=server.url()).make().start()
        try:
            found = ask_doctor(centre)
            assert {worst(found, subject) for subject in ("database", "replication", "journal")} == {"ok"}, found
            assert centre.stop() == 0
            server.psql("ALTER SYSTEM SET synchronous_standby_names = 'other'")
            server.psql("SELECT pg_reload_conf()")
            expect(centre, "replication", "fail", "no standby follows")
            server.end()
            found = ask_doctor(centre)
            assert worst(found, "tables") == "fail" and worst(found, "journal") == "fail", found
            server.start()
        finally:
            centre.remove()
    return None


if __name__ == "__main__":
    main([beside_a_centre_that_works, files_that_are_not_as_they_should_be, databases_that_are_not_as_they_should_be,
          backups_that_are_missing_old_or_damaged, tokens_and_passwords_that_end, the_machine, certificates, in_postgresql])
