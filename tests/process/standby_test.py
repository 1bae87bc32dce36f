#!/usr/bin/env python3
"""Two processes serve one centre on PostgreSQL; the owner is killed, frozen, stopped and cut off, owner after owner, under load.

Four clients work without pause through both addresses (load.py), each command with an idempotency key, and without ever
signing in anew. A fault that the seed chooses befalls the process that owns the centre; when the other one has acknowledged a
command, the first is brought back, and must not write: what is sent to it alone is refused. In the end:

  every acknowledged command stands in the journal once, and nothing stands there of which nobody was told
  a command that was acknowledged by one owner gets the same answer from the next, and is not done again
  the chain, every command decided again, the report tables and the audit trail are whole

It prints the seconds from the fault to the next acknowledged command. A process that is cut off lives in a network
namespace: its way to the database is taken away, that to its clients stays. Where namespaces cannot be made that fault is
left out, and said.

usage: standby_test.py [test...]; MINGDI_LONG=1 for many faults. SEED=N repeats a run. Skipped where there is no PostgreSQL.
"""
import collections
import http.client
import os
import random
import shutil
import signal
import subprocess
import sys
import time

import postgres_server
from centre import WAIT_S, Centre, Client, main, until
from load import SETTINGS, Load, check_callers, check_ledger, check_whole, entries, lag

LONG = bool(os.environ.get("MINGDI_LONG"))
ROUNDS = 25 if LONG else 1
SEED = int(os.environ.get("SEED", "120"))
SIGN_IN_S = 60
ANSWER_S = 1.0  # a client that hears nothing for so long asks at the other address
PATIENCE_S = 16.0  # at most, where neither says anything: the machine is busy


# ---------------------------------------------------------------- the machine that a process lives on

class Namespace:
    """A network namespace with two cables to ours: one to the database, one to the clients."""

    def __init__(self, number):
        self.name = f"mingdi{os.getpid()}{number}"
        self.cables = [f"m{os.getpid() % 100000}{number}{what}" for what in ("d", "c")]
        net = f"10.{100 + os.getpid() % 100}"
        self.ours = [f"{net}.{2 * number + k}.1" for k in range(2)]
        self.theirs = [f"{net}.{2 * number + k}.2" for k in range(2)]
        self.network = f"{net}.0.0/16"

    def make(self):
        ip("netns", "add", self.name)
        for cable, ours, theirs in zip(self.cables, self.ours, self.theirs):
            ip("link", "add", cable, "type", "veth", "peer", "name", cable + "x", "netns", self.name)
            ip("addr", "add", ours + "/24", "dev", cable)
            ip("link", "set", cable, "up")
            ip("-n", self.name, "addr", "add", theirs + "/24", "dev", cable + "x")
            ip("-n", self.name, "link", "set", cable + "x", "up")
        ip("-n", self.name, "link", "set", "lo", "up")
        return self

    def cut(self):
        ip("link", "set", self.cables[0], "down")

    def mend(self):
        ip("link", "set", self.cables[0], "up")

    def remove(self):
        subprocess.run(["ip", "netns", "del", self.name], capture_output=True)  # the cables go with it
        for cable in self.cables:
            subprocess.run(["ip", "link", "del", cable], capture_output=True)


def ip(*words):
    done = subprocess.run(["ip", *words], capture_output=True, text=True)
    if done.returncode != 0:
        raise PermissionError(f"ip {' '.join(words)}: {done.stderr.strip()}")


def make_namespaces():
    """Two, or none and why."""
    made = [Namespace(number) for number in (1, 2)]
    try:
        if not shutil.which("ip"):
            raise PermissionError("there is no program ip")
        return [namespace.make() for namespace in made], None
    except PermissionError as why:
        for namespace in made:
            namespace.remove()
        return None, str(why)


# ---------------------------------------------------------------- the processes, and clients that know both

class Member(Centre):
    """One of the processes; the folder is the same, as if it had been copied to the other machine."""

    def __init__(self, first, namespace, url):
        super().__init__(store=url, folder=first.folder, settings=dict(SETTINGS))
        self.tokens, self.namespace, self.wrapper = first.tokens, namespace, ()
        if namespace:
            self.host = self.settings["address"] = namespace.theirs[1]
            self.wrapper = ("ip", "netns", "exec", namespace.name)

    def begin(self):
        return self.start(wrapper=self.wrapper)

    def readiness(self):
        """What the process says of itself; None where nobody answers."""
        try:
            return Client(self).ask("GET", "/readyz", timeout=PATIENCE_S).json
        except (OSError, http.client.HTTPException):
            return None


class SiteClient(Client):
    """Asks at the other address when there is no answer, or another owner."""

    def __init__(self, site, token=None):
        super().__init__(site.members[0], token)
        self.site, self.patience_s = site, ANSWER_S

    def ask(self, method, path, body=None, headers=None, timeout=None):
        try:
            # Who gives up a sign-in and tries again has two sessions, and somebody loses his oldest one.
            if path == "/session":
                answer = super().ask(method, path, body, headers, SIGN_IN_S)
                self.close()  # the connection is as patient as its first question
            else:
                answer = super().ask(method, path, body, headers, timeout or self.patience_s)
        except (OSError, http.client.HTTPException):
            self.turn()
            self.patience_s = min(1.5 * self.patience_s, PATIENCE_S)
            raise
        self.patience_s = ANSWER_S
        if answer.status == 503:
            self.turn()
        elif method == "POST" and answer.status in (200, 201):
            self.site.acknowledged[self.centre] = time.monotonic()
        return answer

    def turn(self):
        self.close()
        self.centre = self.site.other(self.centre)


class Site:
    def __init__(self, members):
        self.members, self.acknowledged = members, collections.defaultdict(float)

    def other(self, member):
        return self.members[1 - self.members.index(member)]

    def client(self, token=None):
        return SiteClient(self, self.members[0].tokens[token] if token else None)

    def person(self, name):
        return SiteClient(self).sign_in(name)

    def owner(self):
        return next((m for m in self.members if (said := m.readiness()) and said["ready"] and said["role"] == "owner"), None)

    def stands_by(self, member):
        said = member.readiness()
        return said and said["role"] == "standby" and said["behind"] == 0 and said["expected"]


# ---------------------------------------------------------------- faults, each with the way back

def killed(member):
    member.kill()
    return member.begin


def stopped_in_order(member):
    member.process.send_signal(signal.SIGTERM)

    def back():
        member.port = None
        assert member.process.wait(WAIT_S) == 0, member.log_tail()
        member.begin()
    return back


def frozen(member):
    member.process.send_signal(signal.SIGSTOP)
    return lambda: member.process.send_signal(signal.SIGCONT)


def cut_off(member):
    member.namespace.cut()
    return member.namespace.mend


def check_same_answer(site, ledger, chance):
    """The new owner knows what the old one has acknowledged."""
    with ledger.lock:
        gateway = [key for key in ledger.answers
                   if ledger.sent[key][0] == "call_offer" and set(ledger.sent[key][1]) == {"external"}]
        key = chance.choice(gateway)
        (name, body), before = ledger.sent[key], ledger.answers[key]
    client = site.client("gateway")

    def ask():
        try:
            answer = client.ask("POST", f"/commands/{name}", body, {"Idempotency-Key": key})
        except (OSError, http.client.HTTPException):
            return None
        return answer if answer.status == 200 else None
    again = until(ask, "the answer of before")
    assert (again.json["sequence"], again.json["made"]) == (before["sequence"], before["made"]) and again.json["repeated"], again


def check_cannot_write(member):
    """Whoever comes back is not the owner, whatever it believes; asked again and again until it has understood."""
    client, refused = Client(member, member.tokens["gateway"]), []

    def understood():
        try:
            answer = client.ask("POST", "/commands/call_offer", {"external": 666}, timeout=PATIENCE_S)
            assert answer.status == 503 and answer.json["name"] in ("standby", "not_durable", "journal_unavailable"), answer
            refused.append(answer)
        except (OSError, http.client.HTTPException):
            pass
        return len(refused) >= 3 and (said := member.readiness()) and said["role"] == "standby"
    until(understood, "a former owner that knows what it is")


def befall(site, load, fault, chance):
    """Seconds from the fault until the other process has acknowledged something."""
    load.until_more(chance.randrange(10, 40))
    owner = until(site.owner, "an owner")
    heir = site.other(owner)
    until(lambda: site.stands_by(heir), "a warm standby")
    began = time.monotonic()
    back = fault(owner)
    until(lambda: site.acknowledged[heir] > began, "an answer of the next owner")
    seconds = site.acknowledged[heir] - began
    check_same_answer(site, load.ledger, chance)
    back()
    check_cannot_write(owner)
    until(lambda: site.stands_by(owner), "the former owner as a standby")
    return seconds


def part(sorted_figures, share):
    return sorted_figures[min(len(sorted_figures) - 1, int(share * len(sorted_figures)))]


def print_figures(figures):
    for fault, seconds in figures.items():
        seconds.sort()
        print(f"# {fault.__name__}: {len(seconds)} faults, seconds to the next acknowledged command: "
              f"p50 {part(seconds, 0.5):.2f}, p99 {part(seconds, 0.99):.2f}, longest {seconds[-1]:.2f}")
    together = sorted(s for f, seconds in figures.items() if f is not stopped_in_order for s in seconds)
    print(f"# all but orderly stops: {len(together)} faults, p50 {part(together, 0.5):.2f} s, p99 {part(together, 0.99):.2f} s")


def check_all(site, load):
    last = until(site.owner, "an owner")
    check_callers(last, load.ledger)
    admin = last.person("admin")
    until(lambda: lag(last, admin) == 0, "the report")
    for member in (site.other(last), last):
        assert member.stop() == 0, member.log_tail()
    check_ledger(load.ledger, entries(last))
    told = check_whole(last)
    assert told["closed_cleanly"] and told["equal"], told
    return told


def the_next_one_takes_over():
    namespaces, why = make_namespaces()
    addresses = [n.ours[0] for n in namespaces] if namespaces else []
    server = postgres_server.Server(addresses=addresses, network=namespaces[0].network if namespaces else None)
    first, members = None, []
    try:
        server.start()
        first = Centre(store=server.url("standby"), settings=SETTINGS).make()
        urls = [first.store.replace("127.0.0.1", address) for address in addresses] or [first.store] * 2
        members = [Member(first, n, url) for n, url in zip(namespaces or [None, None], urls)]
        site = Site([member.begin() for member in members])
        faults = [killed, frozen, stopped_in_order] + ([cut_off] if namespaces else [])
        chance, load, figures = random.Random(SEED), Load(site, SEED), collections.defaultdict(list)
        until(lambda: load.count() >= 0 and all(worker.count > 3 for worker in load.workers), "that all have signed in")
        for fault in [f for _ in range(ROUNDS) for f in chance.sample(faults, len(faults))]:
            figures[fault].append(befall(site, load, fault, chance))
        load.go_home()
        told = check_all(site, load)
        print_figures(figures)
        print(f"# seed {SEED}: {sum(map(len, figures.values()))} faults, {len(load.ledger.answers)} commands acknowledged "
              f"({load.ledger.repeated} on repeating), lost 0, doubled 0, {told['entries']} entries; refused meanwhile: "
              f"{dict(load.ledger.problems)}" + (f"; no process was cut off: {why}" if why else ""))
    except Exception:
        print(first and first.log_tail(), file=sys.stderr)
        raise
    finally:
        for member in members:
            if member.process and member.process.poll() is None:
                member.process.send_signal(signal.SIGCONT)
                member.kill()
        server.stop()
        for namespace in namespaces or []:
            namespace.remove()
        if first:
            first.remove()


if __name__ == "__main__":
    if not postgres_server.Server.available():
        print("skipped: there are no binaries of PostgreSQL 15")
        sys.exit(77)
    main([the_next_one_takes_over])
