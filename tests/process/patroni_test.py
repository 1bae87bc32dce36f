#!/usr/bin/env python3
"""PostgreSQL itself fails over under a centre: three nodes under Patroni with etcd, each in a network namespace
(deploy/patroni/nodes.py), and two processes that serve the centre by a URL of all three.

Four clients work without pause (load.py, standby_test.py), each command with an idempotency key. The node with the primary is
killed with kill -9, or its network cable is pulled; another node is promoted, and the centre goes on; the former primary comes
back, with a row on it that no other node has ever seen. Then the standbys are taken away, and commits wait. In the end:

  every acknowledged command stands in the journal once, and nothing stands there of which nobody was told
  all three nodes hold the same journal, and none the row of the lost branch
  the processes have said what they waited for: a primary among three hosts, a synchronous standby
  the chain, every command decided again, the report tables and the audit trail are whole

It prints the seconds from each fault to the next command that was sent and acknowledged after it.

usage: patroni_test.py [test...], with MINGDI_LONG=1: it takes minutes, and is part of ./run check only. SEED=N repeats a run,
FAULTS=N has so many. Skipped, and said why, where namespaces or the packages patroni and etcd-server cannot be had.
"""
import collections
import http.client
import os
import pathlib
import random
import shutil
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "deploy" / "patroni"))
import nodes  # noqa: E402
from centre import Centre, main, until  # noqa: E402
from load import SETTINGS, Load  # noqa: E402
from standby_test import Member, Site, SiteClient, check_all, check_same_answer, part  # noqa: E402

LONG = bool(os.environ.get("MINGDI_LONG"))
FAULTS = int(os.environ.get("FAULTS", "7"))
SEED = int(os.environ.get("SEED", "120"))
FAIL_OVER_S = 180
NO_PRIMARY = "no primary among 3 hosts"
NO_STANDBY = "waits for a synchronous standby of the database"


# ---------------------------------------------------------------- processes that begin while the database is slow

class PatientMember(Member):
    """Started again when the database did not answer in time, as a service manager does; looked at without haste."""

    def begin(self):
        def started():
            try:
                return super(PatientMember, self).begin()
            except AssertionError as why:
                assert "PostgreSQL" in str(why), why
                return None
        return until(started, "a process that begins", FAIL_OVER_S)

    def journal(self):
        return patient(self.store)


def patient(url):
    return url + "&connect_timeout=30"


# ---------------------------------------------------------------- clients that tell when it went on

class TimedClient(SiteClient):
    def ask(self, method, path, body=None, headers=None, timeout=None):
        began = time.monotonic()
        answer = super().ask(method, path, body, headers, *([timeout] if timeout else []))
        if method == "POST" and answer.status in (200, 201):
            self.site.heard(began)
        return answer


class TimedSite(Site):
    def __init__(self, members):
        super().__init__(members)
        self.since = self.next = None

    def client(self, token=None):
        return TimedClient(self, self.members[0].tokens[token] if token else None)

    def person(self, name):
        return TimedClient(self).sign_in(name)

    def watch(self):
        self.next, self.since = None, time.monotonic()

    def heard(self, began):
        """Only what was sent after the fault counts: an answer may have been on its way."""
        if self.since is not None and began > self.since and self.next is None:
            self.next = time.monotonic()

    def says(self, words):
        """Whether one of the processes gives this as a reason why it is not ready."""
        for member in self.members:
            said = member.readiness()
            found = said and [reason for reason in said["reasons"] if words in reason]
            if found:
                assert said["ready"] is False, said
                return found[0]
        return None


# ---------------------------------------------------------------- faults, each with the way back

def killed(node):
    node.kill()
    return node.start


def cut_off(node):
    node.cut()
    return node.heal


class Story:
    def __init__(self, cluster, site, load):
        self.cluster, self.site, self.load, self.chance = cluster, site, load, random.Random(SEED)
        self.seconds, self.said, self.branches = collections.defaultdict(list), {}, 0
        cluster.node("primary").psql("CREATE TABLE branch(node text)")

    def write_lost_row(self, node):
        """What a primary that nobody hears writes for itself. Patroni may have been faster and have ended it."""
        try:
            node.psql(f"SET synchronous_commit = local; INSERT INTO branch VALUES('{node.name}')", inside=True)
            self.branches += 1
        except RuntimeError:
            pass

    def befall(self, fault):
        self.load.until_more(self.chance.randrange(10, 40))
        until(self.cluster.is_whole, "three nodes", FAIL_OVER_S)
        former, before = self.cluster.node("primary"), self.timeline()
        back = fault(former)
        self.site.watch()
        if fault is cut_off:
            self.write_lost_row(former)
        until(self.went_on, "an answer after the fault", FAIL_OVER_S)
        self.seconds[fault].append(self.site.next - self.site.since)
        check_same_answer(self.site, self.load.ledger, self.chance)
        back()
        until(self.cluster.is_whole, "the former primary as a standby", FAIL_OVER_S)
        assert self.timeline() > before, "nobody was promoted"

    def timeline(self):
        return until(lambda: (said := self.cluster.node("primary").says()) and said.get("timeline"), "a time line")

    def went_on(self):
        self.load.count()
        if NO_PRIMARY not in self.said:
            found = self.site.says(NO_PRIMARY)
            if found:
                self.said[NO_PRIMARY] = found
        return self.site.next

    def no_standby_and_one_again(self):
        """Nothing is acknowledged that one node alone holds."""
        primary = self.cluster.node("primary")
        others = [node for node in self.cluster.nodes if node is not primary]
        for node in others:
            node.halt()
        self.said[NO_STANDBY] = until(lambda: self.site.says(NO_STANDBY), "a word about the standby that is missing", FAIL_OVER_S)
        for node in others:
            node.start()
        self.site.watch()
        until(lambda: self.site.next, "an answer when there is a standby again", FAIL_OVER_S)
        until(self.cluster.is_whole, "three nodes again", FAIL_OVER_S)

    def check_nodes(self):
        """The same journal everywhere, and nothing of a lost branch."""
        def told(node):
            return node.psql("SELECT count(*), md5(string_agg(encode(hash, 'hex'), '' ORDER BY first_sequence)) FROM "
                             "mingdi.journal_group", database="mingdi")
        expected = told(self.cluster.node("primary"))
        for node in self.cluster.nodes:
            until(lambda n=node: told(n) == expected, f"the same journal on {node.name}")
            assert node.psql("SELECT count(*) FROM branch") == "0", f"{node.name} has the row of a lost branch"

    def print_figures(self, told):
        for fault, seconds in self.seconds.items():
            seconds.sort()
            print(f"# {fault.__name__}: {len(seconds)} primaries, seconds to the next acknowledged command: "
                  f"p50 {part(seconds, 0.5):.1f}, longest {seconds[-1]:.1f}")
        ledger = self.load.ledger
        print(f"# seed {SEED}: {len(ledger.answers)} commands acknowledged ({ledger.repeated} on repeating), lost 0, doubled 0, "
              f"{told['entries']} entries, {self.branches} lost branches; refused meanwhile: {dict(ledger.problems)}")
        for said in self.said.values():
            print(f"# said: {said}")


def faults(chance):
    """Of each seven, five are killed and two are cut off."""
    kinds = [killed] * 5 + [cut_off] * 2
    return [fault for _ in range(0, FAULTS, len(kinds)) for fault in chance.sample(kinds, len(kinds))][:FAULTS]


def tell(story, story_of):
    load = story.load
    until(lambda: load.count() >= 0 and all(worker.count > 3 for worker in load.workers), "that all have signed in")
    for fault in story_of:
        story.befall(fault)
    story.no_standby_and_one_again()
    load.until_more(20)
    load.go_home()
    told = check_all(story.site, load)
    story.check_nodes()
    assert NO_PRIMARY in story.said, "nobody said that there was no primary"
    story.print_figures(told)


def the_database_fails_over():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="mingdi-patroni-"))
    folder.chmod(0o711)
    cluster, first, members = nodes.Cluster(folder / "nodes", tied=True), None, []
    try:
        cluster.up(fast=True)
        first = Centre(store=patient(cluster.url()), settings=SETTINGS).make()
        members = [PatientMember(first, None, cluster.url()) for _ in range(2)]
        site = TimedSite([member.begin() for member in members])
        tell(Story(cluster, site, Load(site, SEED)), faults(random.Random(SEED)))
    except Exception:
        print(first and first.log_tail(), file=sys.stderr)
        raise
    finally:
        for member in members:
            if member.process and member.process.poll() is None:
                member.kill()
        cluster.down()
        if first:
            first.remove()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    why = nodes.missing() if LONG else "it takes minutes: with MINGDI_LONG=1, or ./run check"
    if why:
        print(f"skipped: {why}")
        sys.exit(77)
    main([the_database_fails_over])
