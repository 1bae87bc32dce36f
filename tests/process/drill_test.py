#!/usr/bin/env python3
"""A centre and its exercise in one folder, side by side: whatever is mixed up, an exercise is never taken for the
centre, nor the reverse. Journals under the other's name are refused, tokens, cookies and people of one are nobody in
the other, and no crew hears of an exercise without having said that it wants to.

usage: drill_test.py [test...]
"""
import re
import shutil

import postgres_server
from centre import PASSWORD, Centre, Client, main, run, until
import hostile_test

LIVE, DRILL = None, None
SETTINGS = {"requests_per_minute": 1000000, "sign_ins_per_minute": 10000}


def made():
    """Both in one folder, as docs/operations.md says."""
    live = Centre(settings=SETTINGS).make()
    drill = Centre(drill=True, folder=live.folder, settings=SETTINGS)
    printed = run("init", "--data", str(live.data), "--from", str(live.folder / "setup"), "--drill", "--token",
                  "simulation:simulation", "--token", "gateway:gateway").stdout
    drill.tokens = {name: re.search(rf"\b{name}\b.*?(mgd_[\w-]+)", printed).group(1) for name in ("simulation", "gateway")}
    return live.start(), drill.start()


def asked(where, path, headers):
    """Without the header that the harness gives a drill's clients."""
    plain = Client(where)
    plain.centre = type("Plain", (), {"drill": False, "host": where.host, "port": where.port})
    return plain.ask("GET", path, None, headers)


def refused_to_start(centre, *words):
    try:
        centre.start()
    except AssertionError as refusal:
        assert all(word in str(refusal) for word in words), refusal
        return
    centre.kill()
    raise RuntimeError("it was served")


def what_happens_in_one_is_unknown_to_the_other():
    exercise = DRILL.client("simulation")
    call = exercise.command("call_offer", {"external": 4711}).json["made"]
    assert exercise.ask("GET", f"/calls/{call}").json["external"] == 4711
    assert LIVE.person("chen").ask("GET", "/calls").json["items"] == []
    LIVE.client("gateway").command("call_offer", {"external": 815})
    assert [c["external"] for c in LIVE.person("chen").ask("GET", "/calls").json["items"]] == [815]
    assert [c["external"] for c in DRILL.person("chen").ask("GET", "/calls").json["items"]] == [4711]


def tokens_and_cookies_of_the_other_are_nobodys():
    for one, other in ((DRILL, LIVE), (LIVE, DRILL)):
        for token in one.tokens.values():
            answer = other.client(token).ask("POST", "/commands/call_offer", {"external": 1})
            assert answer.status == 401, (token, answer)
            assert other.client(token).ask("GET", "/stream").status == 401
        person = one.person("chen")
        stranger = other.client()
        stranger.cookie, stranger.csrf = person.cookie, person.csrf
        assert stranger.ask("GET", "/calls").status == 401
        assert stranger.ask("POST", "/commands/call_offer", {}).status == 401


def one_browser_is_signed_in_to_both():
    """Browsers tell hosts apart, not ports: the cookies of the two must not have one name."""
    live, drill = LIVE.person("chen").cookie, DRILL.person("chen").cookie
    assert live.startswith("mingdi_session=") and drill.startswith("mingdi_drill_session="), (live, drill)
    both = {"Cookie": f"{live}; {drill}"}
    for where in (LIVE, DRILL):
        assert asked(where, "/session", both).status == 200


def a_crew_says_that_it_wants_the_exercise():
    crew = DRILL.person("crew1")
    token = DRILL.person("admin").ask("POST", "/tokens", {"name": "vehicle", "grant": {"role": "crew", "scope": "unit", "id": 1}})
    assert token.status == 201, token
    for who in ({"Cookie": crew.cookie}, {"Authorization": "Bearer " + token.json["secret"]}):
        for path in ("/units/1", "/missions", "/centre", "/events", "/stream", "/positions", "/events?after=1"):
            answer = asked(DRILL, path, who)
            assert answer.status == 403 and answer.json["name"] == "drill_not_said", (path, answer)
            assert answer.json["drill"] is True and answer.headers["Mingdi-Drill"] == "1", answer
            assert asked(DRILL, path, {**who, "Mingdi-Drill": "0"}).status == 403
        assert asked(DRILL, "/units/1", {**who, "Mingdi-Drill": "1"}).json["id"] == 1
    hostile_test.CENTRE = DRILL
    for path, more, wanted in (("/api/v1/stream", (), 403), ("/api/v1/stream?drill=1", (), 101),
                               ("/api/v1/stream", ("Mingdi-Drill: 1",), 101), ("/api/v1/stream?drill=0", (), (400, 403)),
                               ("/api/v1/stream?drill=1&drill=1", (), (400, 403))):
        line, status = hostile_test.websocket(crew, *more, path=path)
        assert status == wanted or status in (wanted if isinstance(wanted, tuple) else ()), (path, more, status)
        line.close()
    # A crew that says so to the centre itself is told that this is none, or is just answered; never the other way round.
    live = LIVE.person("crew1")
    assert live.ask("GET", "/units/1").headers.get("Mingdi-Drill") is None
    assert "drill" not in live.ask("GET", "/units/1").json


def nobody_simulates_in_the_centre():
    grant = {"role": "simulation", "scope": "centre", "id": 0}
    answer = LIVE.person("admin").ask("POST", "/tokens", {"name": "sim", "grant": grant})
    assert answer.status in (403, 409, 422), answer
    answer = LIVE.person("admin").ask("POST", "/people", {"name": "sim", "display": "S", "password": PASSWORD, "grants": [grant]})
    assert answer.status in (403, 409, 422), answer
    other = Centre()
    try:
        other.setup_folder()
        words = ["init", "--data", str(other.data), "--from", str(other.folder / "setup"), "--token", "sim:simulation"]
        told = run(*words, check=False)
        assert told.returncode != 0 and "drill" in told.stderr, told
    finally:
        other.remove()


def a_clean_stop():
    for where in (LIVE, DRILL):
        assert where.stop() == 0, where.log_tail()
        assert '"sound": true' in run("journal", "verify", where.journal()).stdout
    assert '"drill": true' in run("journal", "verify", DRILL.journal()).stdout


def journals_under_the_others_name_are_refused():
    """After the stop: files that somebody moved."""
    kept = LIVE.folder / "kept"
    for one, other, word in ((LIVE, DRILL, "centre"), (DRILL, LIVE, "drill")):
        place, source = (other.data / "drill" if other.drill else other.data), (one.data / "drill" if one.drill else one.data)
        kept.mkdir()
        for file in place.glob("journal.db*"):
            shutil.move(file, kept)
        shutil.copy(source / "journal.db", place / "journal.db")
        refused_to_start(other, word)
        for file in place.glob("journal.db*"):
            file.unlink()
        for file in kept.iterdir():
            shutil.move(file, place)
        kept.rmdir()
    for where in (LIVE, DRILL):
        where.start()
        until(lambda where=where: where.client().ask("GET", "/readyz").status == 200, "ready")
        assert where.stop() == 0


def the_same_in_postgresql():
    if not postgres_server.Server.available():
        return "there are no binaries of PostgreSQL 15"
    with postgres_server.Server() as server:
        drill = Centre(drill=True, store=server.url("mix"), settings=SETTINGS).make(("simulation",))
        # The exercise's tables, named as the centre's.
        live = Centre(store=server.url("mix_drill"), folder=drill.folder, settings=SETTINGS)
        try:
            refused_to_start(live, "drill")
            drill.start()
            assert drill.client("simulation").command("call_offer", {"external": 1}).status == 200
            assert drill.stop() == 0
            told = run("journal", "verify", server.url("mix_drill")).stdout
            assert '"drill": true' in told and '"report"' in told and '"audit"' in told, told
        finally:
            drill.remove()
    return None


if __name__ == "__main__":
    LIVE, DRILL = made()
    try:
        main([what_happens_in_one_is_unknown_to_the_other, tokens_and_cookies_of_the_other_are_nobodys,
              one_browser_is_signed_in_to_both, a_crew_says_that_it_wants_the_exercise,
              nobody_simulates_in_the_centre, a_clean_stop, journals_under_the_others_name_are_refused, the_same_in_postgresql])
    finally:
        for where in (LIVE, DRILL):
            where.remove()
