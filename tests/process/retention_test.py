#!/usr/bin/env python3
"""What has been kept long enough goes, what has not stays, and the dry run says before what it will be."""
import contextlib
import json
import os
import pathlib
import signal
import sqlite3
import time

from centre import Centre, main, run, until

DAY_US = 86400 * 1000000


def retention(centre, *more, check=True, **settings):
    environment = {**os.environ, **{f"MINGDI_SET_{name.upper()}": str(value) for name, value in settings.items()}}
    done = run("retention", "--data", str(centre.data), *more, check=check, env=environment)
    return {kind["kind"]: kind["count"] for kind in json.loads(done.stdout)["kinds"]} if check else done


@contextlib.contextmanager
def tables(centre, write=False):
    """The centre's, from outside; the server must be down where they are written."""
    with contextlib.closing(sqlite3.connect(f"file:{centre.data}/centre.db?mode={'rw' if write else 'ro'}", uri=True)) as one:
        with one:
            yield one


def audited(centre, what):
    with tables(centre) as one:
        return one.execute("SELECT subject_id, detail FROM audit WHERE what = ? ORDER BY sequence", (what,)).fetchall()


def with_a_past():
    """Two calls of long ago and one of today; somebody who left long ago, and somebody who left today."""
    centre = Centre().make().start()
    wang, admin = centre.person("wang"), centre.person("admin")
    for number in range(3):
        assert wang.ask("POST", "/calls", {"number": f"+4631703100{number}", "name": f"Caller {number}"}).status in (200, 201)
    for name in ("zhao", "li"):
        person = next(p for p in admin.ask("GET", "/people?limit=100").json["items"] if p["name"] == name)
        answer = admin.ask("PATCH", f"/people/{person['id']}", {"disabled": True})
        assert answer.status == 200, answer
    assert centre.stop() == 0
    long_ago = time.time_ns() // 1000 - 900 * DAY_US
    with tables(centre, write=True) as one:
        changed = one.execute("UPDATE personal SET created_at = ? WHERE reference IN (SELECT reference FROM personal WHERE"
                              " reference <> 0 ORDER BY created_at LIMIT 2)", (long_ago,)).rowcount
        changed += one.execute("UPDATE person SET changed_at = ? WHERE name = 'zhao'", (long_ago,)).rowcount
        assert changed == 3
    return centre


def nothing_goes_unless_it_is_set():
    centre = with_a_past()
    try:
        assert set(retention(centre, "--dry-run").values()) == {0}
        assert set(retention(centre).values()) == {0}
        with tables(centre) as one:
            assert one.execute("SELECT count(*) FROM personal WHERE box IS NOT NULL AND reference <> 0").fetchone() == (3,)
    finally:
        centre.remove()


def what_is_old_goes_and_is_told():
    centre = with_a_past()
    try:
        days = {"personal_keep_days": 800, "leaver_keep_days": 800}
        before = (centre.data / "centre.db").read_bytes()
        would = retention(centre, "--dry-run", **days)
        assert would == {"personal": 2, "leavers": 1, "audit": 0, "backups": 0}, would
        assert (centre.data / "centre.db").read_bytes() == before
        chain = json.loads(run("journal", "verify", str(centre.data)).stdout)["chain"]
        assert retention(centre, **days) == would
        assert retention(centre, "--dry-run", **days) == {"personal": 0, "leavers": 0, "audit": 0, "backups": 0}
        told = json.loads(run("journal", "verify", str(centre.data)).stdout)
        assert told["chain"] == chain, "the journal has changed"
        assert [detail.split()[0] for _, detail in audited(centre, "personal data erased by age")] == ["2"]
        assert [detail.split()[0] for _, detail in audited(centre, "names of leavers erased")] == ["1"]
        assert b"zhao" not in (centre.data / "centre.db").read_bytes().lower(), "the name stands in the file"
        centre.start()
        wang = centre.person("wang")
        assert [wang.ask("GET", f"/calls/{call}/caller").status for call in (1, 2, 3)] == [404, 404, 200]
        names = {person["name"] for person in centre.person("admin").ask("GET", "/people?limit=100").json["items"]}
        assert "li" in names and "zhao" not in names and any(name.startswith("left-") for name in names), names
        refused = retention(centre, check=False, **days)
        assert refused.returncode == 1 and "SIGHUP" in refused.stderr, refused
        assert retention(centre, "--dry-run", **days)["personal"] == 0
        assert centre.stop() == 0
    finally:
        centre.remove()


def backed_up(centre, folder, aged=None):
    """A backup, and its name; aged: when the manifest says that it was added to."""
    path = pathlib.Path(json.loads(run("backup", "--data", str(centre.data), "--to", str(folder)).stdout)["backup"])
    if aged:
        manifest = path / "manifest.json"
        told = json.loads(manifest.read_text())
        manifest.write_text(json.dumps({**told, "added_at": aged}))
    return path.name


def the_newest_backup_of_each_centre_stays():
    """One folder for two centres: that one of them has a young backup is no reason to take the other's last one."""
    one, other = Centre().make(), Centre().make()
    folder = one.folder / "backups"
    days = {"backup_folder": folder, "backup_keep_days": 35}
    try:
        first = backed_up(one, folder, "2025-01-01T00:00:00.000Z")
        last = backed_up(one, folder, "2025-01-02T00:00:00.000Z")
        young = backed_up(other, folder)
        assert retention(one, "--dry-run", **days)["backups"] == 1
        assert retention(one, **days)["backups"] == 1
        assert {path.name for path in folder.iterdir() if path.is_dir()} == {last, young}, (first, last, young)
        assert retention(one, **days)["backups"] == 0
    finally:
        one.remove()
        other.remove()


def a_server_applies_it_when_asked():
    """Memory forgets the name as well; the tables are looked at from outside."""
    centre = with_a_past()
    try:
        centre.start()
        assert "zhao" in {p["name"] for p in centre.person("admin").ask("GET", "/people?limit=100").json["items"]}
        yaml = pathlib.Path(centre.data) / "mingdi.yaml"
        text = yaml.read_text()
        for name in ("personal_keep_days", "leaver_keep_days"):
            assert f"{name}: 0" in text, text
            text = text.replace(f"{name}: 0", f"{name}: 800")
        yaml.write_text(text)
        os.kill(centre.process.pid, signal.SIGHUP)
        until(lambda: audited(centre, "names of leavers erased"), "the row of the audit trail")
        admin = centre.person("admin")
        until(lambda: "zhao" not in {p["name"] for p in admin.ask("GET", "/people?limit=100").json["items"]}, "no name")
        assert audited(centre, "personal data erased by age")
        assert centre.stop() == 0
    finally:
        centre.remove()


if __name__ == "__main__":
    main([nothing_goes_unless_it_is_set, what_is_old_goes_and_is_told, the_newest_backup_of_each_centre_stays,
          a_server_applies_it_when_asked])
