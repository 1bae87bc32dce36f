#!/usr/bin/env python3
"""A database that has lost the newest entries of the journal, as after a failover of PostgreSQL without synchronous replication.

The tail is cut off in the tables, as the server's owner can. A process that holds in memory what is gone cannot go on:
whether it owns the centre or follows, it says so, gives the lease back and ends with a failure, so that the service
manager starts it anew; what is started then serves what the journal holds.

usage: lost_tail_test.py [test...]. Skipped where there is no PostgreSQL.
"""
import signal
import sys

import postgres_server
from centre import Centre, Client, main, until
from load import SETTINGS, check_whole, entries

SERVER = None
CALLS = 8


class Member(Centre):
    """One of the processes that may serve the centre of another one's making; a log of its own."""

    def __init__(self, first, name):
        super().__init__(store=first.store, folder=first.folder, settings=SETTINGS)
        self.tokens, self.name = first.tokens, name

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
        """Its exit status, and what it wrote last; it ends without being asked."""
        until(lambda: self.process.poll() is not None, "its end")
        status, self.port = self.process.returncode, None
        self.process.stdout.close()
        self.log.close()
        return status

    def offer(self, external, key=None):
        return until(lambda: (a := self.client("gateway").command("call_offer", {"external": external}, key, expect=None)
                              ).status == 200 and a, "an answer").json


def sql(schema, text):
    return SERVER.psql(f"SET search_path = {schema}; {text}").stdout.strip()


def last_sequence(schema):
    return int(sql(schema, "SELECT last_sequence FROM journal_group ORDER BY 1 DESC LIMIT 1"))


def cut(schema, after):
    """Everything after this entry is gone; it must be the last one of its group."""
    sql(schema, f"DELETE FROM journal_group WHERE first_sequence > {after}")
    sql(schema, f"DELETE FROM journal_snapshot WHERE sequence > {after}")
    assert last_sequence(schema) == after


def externals(centre):
    return [e["command"]["external"] for e in entries(centre) if e["command"]["command"] == "call_offer"]


def check_said(member, words="the database has lost what this process has seen of the journal"):
    assert words in member.log_tail(), member.log_tail()


def on_a_centre(schema, story):
    first = Centre(store=SERVER.url(schema), settings=SETTINGS).make()
    members = [Member(first, "a"), Member(first, "b")]
    try:
        story(schema, first, *members)
    except Exception:
        print(first.log_tail(), file=sys.stderr)
        raise
    finally:
        for member in members:
            if member.process and member.process.poll() is None:
                member.process.send_signal(signal.SIGCONT)
                member.kill()
        first.remove()


def begin(owner, standby):
    owner.start()
    until(owner.is_owner, "an owner")
    standby.start()
    until(standby.stands_by, "a warm standby")


def offer_and_cut_point(schema, owner, standby):
    """Calls, some of which will be lost: the last entry that stays."""
    for external in range(1, CALLS + 1):
        owner.offer(external)
    kept = last_sequence(schema)
    for external in range(CALLS + 1, 2 * CALLS + 1):
        owner.offer(external)
    last = last_sequence(schema)
    reached = f"SELECT max(sequence) >= {last} FROM journal_standby"
    until(lambda: sql(schema, reached) == "t", "the standby with all of it")
    return kept


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
    def story(schema, first, owner, standby):
        begin(owner, standby)
        kept = offer_and_cut_point(schema, owner, standby)
        standby.process.send_signal(signal.SIGSTOP)
        owner.kill()
        cut(schema, kept)
        sql(schema, "UPDATE journal_lease SET expires_at = 0")
        standby.process.send_signal(signal.SIGCONT)
        assert standby.ended() != 0
        check_said(standby)
        assert sql(schema, "SELECT expires_at FROM journal_lease") == "0", "the lease was not given back"
        assert sql(schema, "SELECT count(*) FROM journal_tenure") == "2", "it was to have the lease for a moment"
        serve_again(standby, range(1, CALLS + 1))
    on_a_centre("heir", story)


def a_standby_that_followed_another_branch_does_not_serve():
    """The journal goes on without what is gone, further than it was before: its end alone tells nothing."""
    def story(schema, first, owner, standby):
        begin(owner, standby)
        kept = offer_and_cut_point(schema, owner, standby)
        standby.process.send_signal(signal.SIGSTOP)
        owner.kill()
        cut(schema, kept)
        owner.start()
        until(owner.is_owner, "the owner of the shorter journal")
        before = last_sequence(schema)
        for external in range(100, 100 + 2 * CALLS):
            owner.offer(external)
        assert last_sequence(schema) > before + CALLS
        standby.process.send_signal(signal.SIGCONT)
        assert standby.ended() != 0
        check_said(standby)
        assert owner.is_owner(), "the owner has nothing to do with it"
        standby.start()
        until(standby.stands_by, "the standby, started anew")
        owner.kill()
        until(standby.is_owner, "the standby as the owner")
        assert standby.stop() == 0, standby.log_tail()
        serve_again(standby, [*range(1, CALLS + 1), *range(100, 100 + 2 * CALLS)])
    on_a_centre("branch", story)


def an_owner_that_holds_more_than_the_journal_ends():
    """Nothing that it decided from what is gone is acknowledged; it does not keep the lease from others either."""
    def story(schema, first, owner, standby):
        begin(owner, standby)
        kept = offer_and_cut_point(schema, owner, standby)
        standby.process.send_signal(signal.SIGSTOP)
        cut(schema, kept)
        refused = owner.client("gateway").command("call_offer", {"external": 500}, expect=503)
        assert refused.json["name"] in ("not_durable", "journal_unavailable"), refused
        assert owner.ended() != 0
        check_said(owner)
        assert last_sequence(schema) == kept
        standby.process.send_signal(signal.SIGCONT)
        assert standby.ended() != 0  # it had followed what is gone
        serve_again(owner, range(1, CALLS + 1))
    on_a_centre("owner", story)


if __name__ == "__main__":
    if not postgres_server.Server.available():
        print("skipped: there are no binaries of PostgreSQL 15")
        sys.exit(77)
    with postgres_server.Server() as SERVER:
        main([an_heir_that_holds_more_than_the_journal_does_not_serve, a_standby_that_followed_another_branch_does_not_serve,
              an_owner_that_holds_more_than_the_journal_ends])
