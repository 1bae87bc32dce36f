#!/usr/bin/env python3
"""Backups of a centre that works, and centres out of them: what the manifest says is what a replay of the copy gives; any
moment can be had again; what is damaged is named, what has no room leaves nothing, and a killed backup costs nothing."""
import fcntl
import hashlib
import json
import os
import pathlib
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import time

from centre import MINGDI, WAIT_S, Centre, main, run, until
from load import SETTINGS, Load, check_ledger, entries, lag

LONG = os.environ.get("MINGDI_LONG") == "1"
SEED = int(os.environ.get("MINGDI_SEED", "8"))
KILLS = 40 if LONG else 6


def centre_at_work(work=150):
    """A centre, its load, and the folder its backups go to."""
    centre = Centre(settings={**SETTINGS, "snapshot_every": 500}).make().start()
    load = Load(centre, SEED)
    load.until_more(work)
    return centre, load, centre.folder / "backups"


def backup(centre, folder, *more, check=True, **options):
    words = ["backup", "--data", str(centre.data), "--to", str(folder), *more]
    words += ["--store", centre.store] if centre.store else []
    done = run(*words, check=check, **options)
    return json.loads(done.stdout) if check else done


def restore(source, target, *more, check=True, **options):
    done = run("restore", "--from", str(source), "--data", str(target), *more, check=check, **options)
    return json.loads(done.stdout) if check else done


def manifest_of(made):
    return json.loads((pathlib.Path(made["backup"]) / "manifest.json").read_text())


def replayed(journal):
    return json.loads(run("replay", str(journal)).stdout)


def check_restored(centre, made, told, target):
    """The copy is the original up to where the manifest says, and leads to the state that it says."""
    journal = str(target)
    again = replayed(journal)
    assert again["last_sequence"] == told["sequence"] and again["state_hash"] == told["state_hash"], (again, told)
    assert told["state_proved"] is True
    if told["left_out"] == 0:
        assert again["state_hash"] == made["state_hash"] and told["chain"] == made["chain"], (again, made)
    verified = json.loads(run("journal", "verify", journal).stdout)
    assert verified["chain"] == told["chain"] and verified["last_sequence"] == told["sequence"], verified
    whole = entries(centre)
    copied = [json.loads(line) for line in run("journal", "show", journal).stdout.splitlines()]
    assert copied == whole[:len(copied)] and len(copied) == told["sequence"], len(copied)
    names = {path.name for path in target.iterdir()}
    assert not any("partial" in name for name in names), names
    return copied


def while_it_works():
    """A whole backup and several additions under load; each restores to its own end, and the last one is a centre."""
    centre, load, folder = centre_at_work()
    try:
        made = backup(centre, folder)
        assert made["added"] is False and made["sequence"] >= 150
        check_restored(centre, made, restore(made["backup"], centre.folder / "first"), centre.folder / "first")
        for number in range(3):
            load.until_more(60)
            more = backup(centre, folder, "--add")
            assert more["added"] and more["backup"] == made["backup"] and more["sequence"] > made["sequence"], more
            made = more
        load.go_home()
        again = until(lambda: nothing_happens(centre, folder), "two backups between which no timer ran out")
        roles = [file["role"] for file in manifest_of(again)["files"]]
        assert sorted(roles) == ["city", "journal", "segment", "settings", "tables"], roles
        listed = {path.name for path in pathlib.Path(again["backup"]).iterdir()} - {"manifest.json"}
        assert listed == {file["name"] for file in manifest_of(again)["files"]}, "a file that the manifest does not name"
        assert "master.key" not in listed
        told = restore(folder, centre.folder / "copy", "--key", str(centre.data / "master.key"))
        assert told["sessions_ended"] > 0 and told["key_there"]
        copied = check_restored(centre, again, told, centre.folder / "copy")
        check_ledger(load.ledger, copied)
        serve_copy(centre, load)
    finally:
        centre.remove()


def nothing_happens(centre, folder):
    """The second of two additions between which nothing has happened but time: it has no new file."""
    last, again = (backup(centre, folder, "--add") for _ in range(2))
    if last["sequence"] != again["sequence"]:
        return None
    assert again["files"] == last["files"], (last, again)
    return again


def serve_copy(centre, load):
    shown = centre.person("wang").ask("GET", "/calls?limit=100").json["items"]
    assert centre.stop() == 0
    original, centre.data = centre.data, centre.folder / "copy"
    centre.start()
    wang = centre.person("wang")
    assert wang.ask("GET", "/calls?limit=100").json["items"] == shown
    call, caller = next(iter(load.ledger.callers.items()))
    assert wang.ask("GET", f"/calls/{call}/caller").json["number"] == caller["number"]
    until(lambda: lag(centre) == 0, "the report tables")
    assert centre.stop() == 0
    run("journal", "verify", str(centre.data))
    with sqlite3.connect(f"file:{centre.data}/centre.db?mode=ro", uri=True) as tables:
        found = tables.execute("SELECT subject_id, detail FROM audit WHERE what = 'centre restored'").fetchall()
    tables.close()
    assert len(found) == 1 and "from a backup of" in found[0][1], found
    centre.data = original


def any_moment():
    """The backup before is where the later one is cut to: the same chain, the same state; and moments within."""
    centre, load, folder = centre_at_work(100)
    try:
        before = backup(centre, folder / "one")
        load.until_more(150)
        backup(centre, folder / "two")
        load.until_more(60)
        load.go_home()
        after = backup(centre, folder / "two", "--add")
        assert after["added"] and after["sequence"] > before["sequence"]
        told = restore(folder / "two", centre.folder / "cut", "--sequence", str(before["sequence"]))
        for name in ("sequence", "chain", "state_hash", "entered_at"):
            assert told[name] == before[name], (name, told, before)
        check_restored(centre, before, told, centre.folder / "cut")
        within(centre, folder / "two", after)
    finally:
        centre.remove()


def within(centre, folder, made):
    """Moments: groups stay whole, and the last entry is one that had been entered by then."""
    whole = entries(centre)
    with sqlite3.connect(f"file:{centre.data}/journal.db?mode=ro", uri=True) as tables:
        ends = dict(tables.execute("SELECT last_sequence, hex(hash) FROM entry_group").fetchall())
    tables.close()
    for number, at in enumerate(random.Random(SEED).sample(range(20, made["sequence"]), 4)):
        moment_us = whole[at - 1]["entered_at"]
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment_us // 1000000)) + f".{moment_us % 1000000:06d}Z"
        told = restore(folder, centre.folder / f"at{number}", "--time", moment)
        check_restored(centre, made, told, centre.folder / f"at{number}")
        last = max(end for end in ends if end == 0 or whole[end - 1]["entered_at"] <= moment_us)
        assert told["sequence"] == last and told["chain"] == ends[last].lower(), (told, last, moment)
    late = restore(folder, centre.folder / "late", "--sequence", str(made["sequence"] + 1), check=False)
    assert late.returncode == 1 and f"reaches to entry {made['sequence']}" in late.stderr, late
    early = restore(folder, centre.folder / "late", "--time", "2001-01-01T00:00:00Z", check=False)
    assert early.returncode == 1 and "begins later" in early.stderr, early
    assert not (centre.folder / "late").exists()


def what_is_damaged_is_named():
    """One bit of any file, a file that is missing, a manifest that is not one: said by name, and nothing is left."""
    centre, load, folder = centre_at_work(60)
    try:
        backup(centre, folder)
        load.until_more(20)
        made = backup(centre, folder, "--add")
        load.go_home()
        place, target, chance = pathlib.Path(made["backup"]), centre.folder / "target", random.Random(SEED)
        for file in manifest_of(made)["files"]:
            path = place / file["name"]
            sound = path.read_bytes()
            assert hashlib.sha256(sound).hexdigest() == file["sha256"]
            at = chance.randrange(len(sound))
            path.write_bytes(sound[:at] + bytes([sound[at] ^ 0x10]) + sound[at + 1:])
            refused(place, target, file["name"], "SHA-256")
            path.write_bytes(sound[:-1])
            refused(place, target, file["name"], "bytes")
            path.unlink()
            refused(place, target, file["name"], "missing")
            path.write_bytes(sound)
        whole = (place / "manifest.json").read_text()
        for wrong, named in (("{", "manifest"), (whole.replace('"format": 1', '"format": 2'), "format 2"),
                             (whole.replace('"state_hash": "', '"state_hash": "f00'), "state_hash"),
                             (whole.replace('"name": "journal.db"', '"name": "../journal.db"'), "name")):
            (place / "manifest.json").write_text(wrong)
            refused(place, target, named)
        lie = json.loads(whole)
        for member, named in (("state_hash", "state"), ("chain", "chain"), ("centre", "chain")):
            flipped = {**lie, member: ("0" if lie[member][0] != "0" else "1") + lie[member][1:]}
            (place / "manifest.json").write_text(json.dumps(flipped))
            refused(place, target, named, "manifest")
        (place / "manifest.json").write_text(whole)
        target.mkdir()
        (target / "mine").write_text("something")
        done = restore(place, target, check=False)
        assert done.returncode == 1 and "not empty" in done.stderr, done
        assert [path.name for path in target.iterdir()] == ["mine"]
        (target / "mine").unlink()
        other = centre.folder / "other.key"
        other.write_text("ab" * 32 + "\n")
        other.chmod(0o600)
        done = restore(place, target, "--key", str(other), check=False)
        assert done.returncode == 1 and "master key" in done.stderr and not list(target.iterdir()), done
        restore(place, target)
    finally:
        centre.remove()


def refused(place, target, *named):
    done = restore(place, target, check=False)
    assert done.returncode == 1 and done.stdout == "" and len(done.stderr.splitlines()) == 1, done
    assert all(word in done.stderr for word in named), (named, done.stderr)
    assert not target.exists(), list(target.iterdir())


def file_limit(size):
    """For a child. The program ignores the signal by itself; the thread sanitizer writes a file of its own before that."""
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    return limit


def no_room():
    """Files may not grow beyond a size: whatever this stops says so in one line, and what was there before is as it was."""
    centre, load, folder = centre_at_work(60)
    try:
        made = backup(centre, folder)
        load.until_more(60)
        load.go_home()
        limits = [0, 512, 4096, 30000, 60000, 100000, 150000, 200000] if LONG else [0, 4096, 60000, 120000]

        def limited(size):
            return {"preexec_fn": file_limit(size), "check": False}
        failures = 0
        for size in limits:
            done = backup(centre, folder / "more", **limited(size))
            failures += done.returncode != 0
            if done.returncode != 0:
                assert len(done.stderr.splitlines()) == 1 and "Traceback" not in done.stderr, done
                assert not (folder / "more").exists() or not list((folder / "more").iterdir()), list((folder / "more").iterdir())
            done = backup(centre, folder, "--add", **limited(size))
            if done.returncode != 0:
                listed = {path.name for path in pathlib.Path(made["backup"]).iterdir()} - {"manifest.json"}
                assert listed == {file["name"] for file in manifest_of(made)["files"]}, (size, listed)
                assert manifest_of(made)["sequence"] == made["sequence"], size
            done = restore(folder, centre.folder / "target", **limited(size))
            if done.returncode != 0:
                assert len(done.stderr.splitlines()) == 1 and not (centre.folder / "target").exists(), done
            else:
                shutil.rmtree(centre.folder / "target")
        assert failures >= 3, failures
        last = backup(centre, folder, "--add")
        check_restored(centre, last, restore(folder, centre.folder / "target"), centre.folder / "target")
    finally:
        centre.remove()


def killed_at_any_time():
    """Whole backups and additions that are killed: what a manifest names is whole, and the next one clears the rest away."""
    centre, load, folder = centre_at_work(60)
    try:
        backup(centre, folder)
        chance = random.Random(SEED)
        for number in range(KILLS):
            load.until_more(10)
            words = [MINGDI, "backup", "--data", str(centre.data), "--to", str(folder)] + (["--add"] if number % 4 else [])
            process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                process.wait(timeout=chance.random() * 0.15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        load.go_home()
        made = backup(centre, folder, "--add")
        check_restored(centre, made, restore(folder, centre.folder / "target"), centre.folder / "target")
        assert not [path for path in folder.iterdir() if path.name.endswith(".partial")]
        for place in folder.iterdir():
            shutil.rmtree(centre.folder / "target")
            restore(place, centre.folder / "target")
    finally:
        centre.remove()


def followed_to_the_end():
    """A backup that follows: the machine dies, and what the last addition told of is there."""
    if not LONG:
        return "a long test"
    centre, load, folder = centre_at_work(30)
    try:
        words = [MINGDI, "backup", "--data", str(centre.data), "--to", str(folder), "--follow", "1"]
        process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        first = json.loads(process.stdout.readline())
        load.until_more(60)
        told = [first]
        while told[-1]["sequence"] < first["sequence"] + 60:
            told.append(json.loads(process.stdout.readline()))
        load.give_up()
        centre.kill()
        process.kill()
        process.wait()
        process.stdout.close()
        restored = restore(folder, centre.folder / "target")
        assert restored["sequence"] >= told[-1]["sequence"] and told[-1]["added"], (restored, told[-1])
    finally:
        centre.remove()
    return None


def a_journal_without_its_people_is_not_served():
    centre = Centre(settings=SETTINGS).make()
    try:
        backup(centre, centre.folder / "backups")
        restore(centre.folder / "backups", centre.folder / "copy", "--key", str(centre.data / "master.key"))
        (centre.folder / "copy" / "centre.db").unlink()
        done = run("serve", "--data", str(centre.folder / "copy"), "--port", "0", check=False)
        assert done.returncode == 1 and "centre.db is missing" in done.stderr, done
        assert not (centre.folder / "copy" / "centre.db").exists()
    finally:
        centre.remove()


def what_was_erased_does_not_come_back():
    centre = Centre(settings=SETTINGS).make().start()
    try:
        wang, folder = centre.person("wang"), centre.folder / "backups"
        for number in range(2):
            assert wang.ask("POST", "/calls", {"number": f"+4631703100{number}"}).status in (200, 201)
            wang.command("call_answer", {"call": number + 1, "seat": 1})
            wang.command("call_locate", {"call": number + 1, "point": {"lon": 11.97, "lat": 57.704}})
            wang.command("call_triage", {"call": number + 1, "needs": ["basic"], "units_wanted": 1, "priority": "urgent"})
        backup(centre, folder)
        admin = centre.person("admin")
        erased = admin.ask("DELETE", "/incidents/1/personal")
        assert erased.status in (200, 204), erased
        backup(centre, folder, "--add")
        assert centre.stop() == 0
        restore(folder, centre.folder / "copy", "--key", str(centre.data / "master.key"))
        centre.data = centre.folder / "copy"
        centre.start()
        wang = centre.person("wang")
        assert wang.ask("GET", "/calls/1/caller").status in (404, 410)
        assert wang.ask("GET", "/calls/2/caller").json["number"] == "+46317031001"
        assert centre.stop() == 0
    finally:
        centre.remove()


def one_restore_at_a_time():
    """Two into one folder: one waits for nothing and says so; of several begun at once exactly one makes the centre."""
    centre = Centre(settings=SETTINGS).make()
    folder, target = centre.folder / "backups", centre.folder / "target"
    try:
        made = backup(centre, folder)
        target.mkdir()
        held = os.open(target, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(held, fcntl.LOCK_EX)
        done = restore(folder, target, check=False)
        assert done.returncode == 1 and "at work there" in done.stderr and not list(target.iterdir()), done
        os.close(held)
        words = [MINGDI, "restore", "--from", str(folder), "--data", str(target)]
        several = [subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(4)]
        ends = [(*process.communicate(timeout=WAIT_S), process.returncode) for process in several]
        told = [json.loads(out) for out, _, status in ends if status == 0]
        assert len(told) == 1 and all(status in (0, 1) for _, _, status in ends), ends
        check_restored(centre, made, told[0], target)
    finally:
        centre.remove()


def what_a_killed_restore_left():
    """It is not built on; and where it had begun to put files into place, somebody has to look."""
    centre = Centre(settings=SETTINGS).make()
    folder, target = centre.folder / "backups", centre.folder / "target"
    try:
        made = backup(centre, folder)
        staging = target / "restore.partial"
        staging.mkdir(parents=True)
        for name in ("journal.db", "journal.db-wal", "centre.db", "protocol-stranger.yaml"):
            (staging / name).write_bytes(os.urandom(5000))
        check_restored(centre, made, restore(folder, target), target)
        shutil.rmtree(target)
        staging.mkdir(parents=True)
        (target / "mingdi.yaml").write_text("")
        done = restore(folder, target, check=False)
        assert done.returncode == 1 and "mingdi.yaml" in done.stderr and "killed" in done.stderr, done
        assert sorted(path.name for path in target.iterdir()) == ["mingdi.yaml", "restore.partial"]
    finally:
        centre.remove()


def with_others(folder, made, hashes, taken, refused_to):
    """A province's centres beside it, and an older manifest that is damaged or from a newer program, are nobody's hindrance."""
    mine, theirs = (pathlib.Path(one["backup"]) / "manifest.json" for one in made[1:])
    whole = mine.read_text()
    for number in range(95):
        other = folder / f"backup-20200101T{number // 60:02}{number % 60:02}00.000Z"
        other.mkdir()
        centre = hashlib.sha256(str(number).encode()).hexdigest()
        (other / "manifest.json").write_text(whole.replace(hashes["mine"], centre))
    theirs_only = ("--centre", hashes["theirs"])
    assert taken(folder, made[2], *theirs_only)["skipped"] == 0
    shutil.rmtree(folder.parent / "target")
    for wrong in "{", whole.replace('"format": 1', '"format": 2'):
        mine.write_text(wrong)
        told = taken(folder, made[2], *theirs_only)
        assert told["skipped"] == 1 and str(mine.parent.name) in told["skipped_because"][0], told
        shutil.rmtree(folder.parent / "target")
        refused_to(folder, 1, mine.parent.name, more=("--centre", hashes["mine"]))  # it may be the one that is meant
    mine.write_text(whole)
    sound = theirs.read_text()
    theirs.write_text("{")
    refused_to(folder, 1, theirs.parent.name, more=("--centre", hashes["mine"]))
    theirs.write_text(sound)
    taken(folder, made[1], "--centre", hashes["mine"])


def which_centre_is_said():
    """One folder for two centres and a drill: none is taken for another."""
    centre, other, drill = Centre().make(), Centre().make(), Centre(drill=True).make()
    folder, target = centre.folder / "backups", centre.folder / "target"

    def refused_to(source, status, *named, more=()):
        done = restore(source, target, *more, check=False)
        assert done.returncode == status and not target.exists(), done
        assert all(word in done.stderr for word in named), (named, done.stderr)

    def taken(source, made, *more):
        told = restore(source, target, *more)
        assert told["chain"] == made["chain"], (told, made)
        return told
    try:
        of_drill = backup(drill, folder, "--drill")
        refused_to(folder, 2, "--drill")
        refused_to(of_drill["backup"], 2, "--drill")
        mine = backup(centre, folder)
        assert backup(drill, folder, "--drill")["chain"] == of_drill["chain"]  # the newest in the folder is the drill's
        taken(folder, mine)
        shutil.rmtree(target)
        theirs = backup(other, folder)
        hashes = {name: manifest_of(made)["centre"] for name, made in (("mine", mine), ("theirs", theirs), ("drill", of_drill))}
        refused_to(folder, 2, "--centre", hashes["mine"][:12], hashes["theirs"][:12])
        refused_to(folder, 2, "--centre", more=("--centre", manifest_of(mine)["name"]))  # both have it
        refused_to(folder, 1, "no backup of", more=("--centre", hashes["mine"][:7]))
        refused_to(folder, 2, "--drill", more=("--centre", hashes["drill"]))
        refused_to(mine["backup"], 2, "not of", more=("--centre", hashes["theirs"]))
        refused_to(mine["backup"], 2, "leave --drill out", more=("--drill",))
        for name, made in (("mine", mine), ("theirs", theirs)):
            taken(folder, made, "--centre", hashes[name][:8])
            shutil.rmtree(target)
        with_others(folder, [of_drill, mine, theirs], hashes, taken, refused_to)
        shutil.rmtree(target)
        told = taken(folder, of_drill, "--drill")
        assert told["drill"] and (target / "drill" / "journal.db").exists() and not (target / "journal.db").exists()
    finally:
        for one in (centre, other, drill):
            one.remove()


if __name__ == "__main__":
    main([while_it_works, any_moment, what_is_damaged_is_named, no_room, killed_at_any_time, followed_to_the_end,
          a_journal_without_its_people_is_not_served, what_was_erased_does_not_come_back, one_restore_at_a_time,
          what_a_killed_restore_left, which_centre_is_said])
