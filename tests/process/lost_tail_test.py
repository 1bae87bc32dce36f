#!/usr/bin/env python3
"""A database that has lost the newest entries of the journal, as after a failover of PostgreSQL without synchronous replication.

The tail is cut off in the tables, as the server's owner can. A process that holds in memory what is gone cannot go on:
whether it owns the centre or follows, it says so, gives the lease back and ends with a failure, so that the service
manager starts it anew; what is started then serves what the journal holds. A client that resumes by a number of what is
gone gets a snapshot, also when that number is another entry's by then.

usage: lost_tail_test.py [test...]. Skipped where there is no PostgreSQL.
"""
import atexit
import signal
import sys

import postgres_server
from centre import Centre, Client, main, until
from load import SETTINGS, check_whole, entries
from watcher import Watcher

SERVER, CENTRE, SCHEMA = None, None, "tail"
CALLS = 8


class Member(Centre):
    """One of the processes that serve the centre."""

    def __init__(self, first):
        super().__init__(store=first.store, folder=first.folder, settings=SETTINGS)
        self.tokens, log = first.tokens, first.folder / "server.log"
        self.log_before = len(log.read_text()) if log.exists() else 0

    def readiness(self):
        try:
            return Client(self).ask("GET", "/readyz").json
        except OSError:
            return {"role": None}

    def is_owner(self):
        said = self.readiness()
        return said["role"] == "owner" and said["ready"]

    def stands_by(self):
        said = self.readiness()
        return said["role"] == "standby" and said["behind"] == 0 and said["expected"]

    def ended(self):
        """Its exit status; it ends without being asked."""
        until(lambda: self.process.poll() is not None, "its end")
        status, self.port = self.process.returncode, None
        self.process.stdout.close()
        self.log.close()
        return status

    def offer(self, external, key=None):
        return until(lambda: (a := self.client("gateway").command("call_offer", {"external": external}, key, expect=None)
                              ).status == 200 and a, "an answer").json


def sql(text):
    return SERVER.psql(f"SET search_path = {SCHEMA}; {text}").stdout.strip()


def last_sequence():
    return int(sql("SELECT last_sequence FROM journal_group ORDER BY 1 DESC LIMIT 1"))


def cut(after):
    """Everything after this entry is gone; it must be the last one of its group."""
    sql(f"DELETE FROM journal_group WHERE first_sequence > {after}")
    sql(f"DELETE FROM journal_snapshot WHERE sequence > {after}")
    assert last_sequence() == after


def externals(centre):
    return [e["command"]["external"] for e in entries(centre) if e["command"]["command"] == "call_offer"]


def check_said(member):
    said = (member.folder / "server.log").read_text()[member.log_before:]
    assert "the database has lost what this process has seen of the journal" in said, said[-3000:]


def on_the_centre(story):
    """Two processes of their own, on the journal as the story before has left it: closed by whoever served it last."""
    members = [Member(CENTRE), Member(CENTRE)]
    sql("DELETE FROM journal_standby")  # what the processes of the story before have left
    try:
        story(externals(CENTRE), *members)
    except Exception:
        print(CENTRE.log_tail(), file=sys.stderr)
        raise
    finally:
        for member in members:
            if member.process and member.process.poll() is None:
                member.process.send_signal(signal.SIGCONT)
                member.kill()


def begin(owner, standby):
    owner.start()
    until(owner.is_owner, "an owner")
    standby.start()
    until(standby.stands_by, "a warm standby")


def offer_and_cut_point(owner, standby, early=None):
    """Calls, some of which will be lost: the last entry that stays, which is the last one that the early watcher knows."""
    for external in range(1, CALLS + 1):
        owner.offer(external)
    kept = last_sequence()
    while early and (early.known or [0])[0] != kept:
        kept = last_sequence()
        early.watch(owner, kept)
    for external in range(CALLS + 1, 2 * CALLS + 1):
        owner.offer(external)
    last = last_sequence()
    reached = f"SELECT max(sequence) >= {last} FROM journal_standby"
    until(lambda: sql(reached) == "t", "the standby with all of it")
    return kept


def check_watchers(owner, early, late, expected):
    """Whoever knows nothing of what is gone goes on; whoever does is told to begin anew, though others have those numbers now."""
    for watcher in late:
        watcher.watch(owner, last_sequence())
        assert watcher.heard[0] == ("snapshot", True), watcher.heard
    early.watch(owner, last_sequence())
    assert early.heard[0] == ("change", False), early.heard
    for watcher in (early, *late):
        assert sorted(watcher.calls.values()) == sorted(expected), (watcher.calls, expected)


def serve_again(member, expected):
    """Started anew it serves what the journal holds, and more."""
    member.start()
    until(member.is_owner, "an owner that was started anew")
    member.offer(1000)
    calls = member.person("chen").ask("GET", "/calls?limit=500").json["items"]
    assert sorted(c["external"] for c in calls) == sorted([*expected, 1000]), calls
    assert member.stop() == 0, member.log_tail()
    assert externals(member) == [*expected, 1000]
    check_whole(member)


def an_heir_that_holds_more_than_the_journal_does_not_serve():
    """The owner dies with the database, and the database comes back shorter: the standby has the lease before it can tell."""
    def story(before, owner, standby):
        begin(owner, standby)
        kept = offer_and_cut_point(owner, standby)
        standby.process.send_signal(signal.SIGSTOP)
        owner.kill()
        cut(kept)
        sql("UPDATE journal_lease SET expires_at = 0")
        tenures = int(sql("SELECT count(*) FROM journal_tenure"))
        standby.process.send_signal(signal.SIGCONT)
        assert standby.ended() != 0
        check_said(standby)
        assert sql("SELECT expires_at FROM journal_lease") == "0", "the lease was not given back"
        assert sql("SELECT count(*) FROM journal_tenure") == str(tenures + 1), "it was to have the lease for a moment"
        serve_again(standby, [*before, *range(1, CALLS + 1)])
    on_the_centre(story)


def a_standby_that_followed_another_branch_does_not_serve():
    """The journal goes on without what is gone, further than it was before: its end alone tells nothing."""
    def story(before, owner, standby):
        early, late, by_event_id = Watcher("chen"), Watcher("chen"), Watcher("chen", by_event_id=True)
        begin(owner, standby)
        kept = offer_and_cut_point(owner, standby, early)
        for watcher in (late, by_event_id):
            watcher.watch(owner, last_sequence())
            assert set(watcher.calls.values()) >= set(range(1, 2 * CALLS + 1)), watcher.calls
        standby.process.send_signal(signal.SIGSTOP)
        owner.kill()
        cut(kept)
        owner.start()
        until(owner.is_owner, "the owner of the shorter journal")
        shorter = last_sequence()
        offered = []
        while last_sequence() <= max(shorter + CALLS, late.known[0], by_event_id.known[0]):
            offered.append(100 + len(offered))
            owner.offer(offered[-1])
        check_watchers(owner, early, (late, by_event_id), [*before, *range(1, CALLS + 1), *offered])
        standby.process.send_signal(signal.SIGCONT)
        assert standby.ended() != 0
        check_said(standby)
        assert owner.is_owner(), "the owner has nothing to do with it"
        standby.start()
        until(standby.stands_by, "the standby, started anew")
        owner.kill()
        until(standby.is_owner, "the standby as the owner")
        assert standby.stop() == 0, standby.log_tail()
        serve_again(standby, [*before, *range(1, CALLS + 1), *offered])
    on_the_centre(story)


def an_owner_that_holds_more_than_the_journal_ends():
    """Nothing that it decided from what is gone is acknowledged; it does not keep the lease from others either."""
    def story(before, owner, standby):
        begin(owner, standby)
        kept = offer_and_cut_point(owner, standby)
        standby.process.send_signal(signal.SIGSTOP)
        cut(kept)
        refused = owner.client("gateway").command("call_offer", {"external": 500}, expect=503)
        assert refused.json["name"] in ("not_durable", "journal_unavailable"), refused
        assert owner.ended() != 0
        check_said(owner)
        assert last_sequence() == kept
        standby.process.send_signal(signal.SIGCONT)
        assert standby.ended() != 0  # it had followed what is gone
        serve_again(owner, [*before, *range(1, CALLS + 1)])
    on_the_centre(story)


if __name__ == "__main__":
    if not postgres_server.Server.available():
        print("skipped: there are no binaries of PostgreSQL 15")
        sys.exit(77)
    with postgres_server.Server() as SERVER:
        CENTRE = Centre(store=SERVER.url(SCHEMA), settings=SETTINGS).make()
        atexit.register(CENTRE.remove)
        main([an_heir_that_holds_more_than_the_journal_does_not_serve, a_standby_that_followed_another_branch_does_not_serve,
              an_owner_that_holds_more_than_the_journal_ends])
