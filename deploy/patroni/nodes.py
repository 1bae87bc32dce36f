#!/usr/bin/env python3
"""Three PostgreSQL nodes under Patroni with etcd on one machine, to try and to test what docs/patroni.md says.

Each node is a network namespace with etcd, Patroni and PostgreSQL, at the same ports and by the same configuration
(patroni.yml beside this file) as on a machine of its own; a switch joins them with this machine, and a cable can be
cut. The processes of a node live in process namespaces, so that killing a node leaves nothing of it.

usage, as root: nodes.py up FOLDER            makes the folder and three nodes; prints what to give to mingdi --store
                nodes.py status FOLDER        who is what, as the nodes themselves say
                nodes.py kill FOLDER WHICH    kill -9 of all that runs on it. WHICH: pg1, pg2, pg3, or primary
                nodes.py halt FOLDER WHICH    kill -9 of its Patroni and PostgreSQL; etcd goes on
                nodes.py start FOLDER WHICH   what was killed begins again
                nodes.py cut FOLDER WHICH     its network cable is out; heal: in again
                nodes.py down FOLDER          all ends, and the folder goes
Packages: patroni, etcd-server, postgresql-15, iproute2, util-linux. --fast with up: faults are noticed in a few seconds, for
tests; without it the times are those of patroni.yml.
"""
import json
import os
import pathlib
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zlib

HERE = pathlib.Path(__file__).resolve().parent
BINARIES = pathlib.Path(os.environ.get("MINGDI_POSTGRES") or "/usr/lib/postgresql/15/bin")
PROGRAMS = ("ip", "unshare", "setpriv", "etcd", "patroni")
NAMES = ("pg1", "pg2", "pg3")
WAIT_S = 120
SAY_S = 2
# ttl, loop_wait, retry_timeout; the election of etcd and its heart beat in milliseconds.
USUAL, FAST = (None, 1000, 100), ({"ttl": 8, "loop_wait": 1, "retry_timeout": 3}, 1000, 100)


def missing():
    """Why three nodes cannot be had here, or None."""
    absent = [p for p in PROGRAMS if not shutil.which(p)]
    absent += [str(BINARIES / p) for p in ("postgres", "initdb", "psql") if not os.access(BINARIES / p, os.X_OK)]
    if absent:
        return f"not on this machine: {', '.join(absent)}"
    if os.geteuid() != 0:
        return "network namespaces are made by root only"
    name = f"mingdi-try{os.getpid()}"
    try:
        ip("netns", "add", name)
        run("ip", "netns", "exec", name, "unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "true")
    except RuntimeError as why:
        return str(why)
    finally:
        subprocess.run(["ip", "netns", "del", name], capture_output=True)
    return None


def run(*words, check=True, **options):
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True, **options)
    if check and done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, words))}: {done.stderr.strip() or done.returncode}")
    return done


def ip(*words):
    return run("ip", *words)


def until(condition, what, seconds=WAIT_S):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.1)
    raise TimeoutError(f"never came: {what}")


def template():
    """What patroni.yml says, read by the Python that Debian's Patroni uses, for that one can read YAML."""
    words = "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))"
    return json.loads(run("/usr/bin/python3", "-c", words, HERE / "patroni.yml").stdout)


class Node:
    """One machine: its namespace, its cable, its two services."""

    def __init__(self, cluster, number):
        self.cluster, self.number, self.name = cluster, number, NAMES[number - 1]
        self.space, self.port = f"{cluster.tag}-{self.name}", f"{cluster.tag}p{number}"
        self.address, self.folder = f"{cluster.network}.{number}", cluster.folder / self.name
        self.running = {}  # service: what keeps its process namespace

    # ---- the machine ----
    def make(self):
        ip("netns", "add", self.space)
        ip("-n", self.cluster.switch, "link", "add", self.port, "type", "veth", "peer", "name", "eth0", "netns", self.space)
        ip("-n", self.cluster.switch, "link", "set", self.port, "master", "br0", "up")
        ip("-n", self.space, "addr", "add", f"{self.address}/24", "dev", "eth0")
        for device in ("lo", "eth0"):
            ip("-n", self.space, "link", "set", device, "up")

    def cut(self):
        ip("-n", self.cluster.switch, "link", "set", self.port, "down")

    def heal(self):
        ip("-n", self.cluster.switch, "link", "set", self.port, "up")

    # ---- its services ----
    def configure(self, own):
        """own: what differs from patroni.yml, by path."""
        said = template()
        for path, value in {**own, "name": self.name, "restapi.listen": f"{self.address}:8008",
                            "restapi.connect_address": f"{self.address}:8008", "postgresql.listen": f"{self.address}:5432",
                            "postgresql.connect_address": f"{self.address}:5432", "postgresql.data_dir": f"{self.folder}/data",
                            "postgresql.bin_dir": str(BINARIES), "postgresql.pgpass": f"{self.folder}/pgpass",
                            "postgresql.parameters.unix_socket_directories": str(self.folder)}.items():
            *way, last = path.split(".")
            at = said
            for step in way:
                at = at[step]
            at[last] = value
        self.folder.mkdir(mode=0o700)
        (self.folder / "patroni.yml").write_text(json.dumps(said, indent=1))  # which is YAML too
        (self.folder / "patroni.yml").chmod(0o600)
        for path in (self.folder, self.folder / "patroni.yml"):
            os.chown(path, self.cluster.user.pw_uid, self.cluster.user.pw_gid)

    def words_of(self, service):
        if service == "patroni":
            return ["patroni", self.folder / "patroni.yml"]
        _, election_ms, beat_ms = self.cluster.pace
        peers = ",".join(f"{n.name}=http://{n.address}:2380" for n in self.cluster.nodes)
        peer, client = f"http://{self.address}:2380", f"http://{self.address}:2379"
        return ["etcd", "--name", self.name, "--data-dir", self.folder / "etcd", "--initial-cluster", peers,
                "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
                "--listen-client-urls", client, "--advertise-client-urls", client,
                "--initial-cluster-state", "new", "--initial-cluster-token", self.cluster.tag,
                "--enable-v2=true", "--pre-vote=true",
                "--election-timeout", str(election_ms), "--heartbeat-interval", str(beat_ms), "--logger", "zap"]

    def start(self):
        for service in ("etcd", "patroni"):
            if service not in self.running:
                self.running[service] = self.begin(service)
        self.cluster.keep()

    def begin(self, service):
        user = self.cluster.user
        tie = ("setpriv", "--pdeathsig=KILL") if self.cluster.tied else ()
        words = ["ip", "netns", "exec", self.space, *tie, "unshare", "--pid", "--fork", "--kill-child", "--mount-proc",
                 "setpriv", "--pdeathsig=KILL", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups",
                 *self.words_of(service)]
        with open(self.folder / f"{service}.log", "ab") as log:
            return subprocess.Popen([str(w) for w in words], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder,
                                    start_new_session=True, env=self.cluster.environment()).pid

    def kill(self, services=("patroni", "etcd")):
        """Its first process dies, and the kernel ends all others of the process namespace."""
        for service in services:
            pid = self.running.pop(service, None)
            if pid:
                end_process(pid)
        self.cluster.keep()

    def halt(self):
        self.kill(("patroni",))

    # ---- what it says ----
    def says(self):
        """Patroni's own word: {"role", "state", "timeline", ...}; None where it says nothing."""
        try:
            with urllib.request.urlopen(f"http://{self.address}:8008/patroni", timeout=SAY_S) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as answer:  # 503 of one that is not ready has the same content
            try:
                return json.load(answer)
            except ValueError:
                return None
        except (OSError, ValueError):
            return None

    def psql(self, text, database="postgres", inside=False):
        """As the superuser. inside: from the node itself, whatever its cable does."""
        within = ("ip", "netns", "exec", self.space) if inside else ()
        return run(*within, BINARIES / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", text,
                   f"host={self.address} dbname={database} user=postgres connect_timeout=5",
                   env={**os.environ, "PGPASSWORD": self.cluster.passwords["superuser"]}).stdout.strip()


def end_process(keeper):
    """kill -9 of what a keeper of a process namespace has begun; the keeper ends when all that was in it has."""
    try:
        first = pathlib.Path(f"/proc/{keeper}/task/{keeper}/children").read_text().split()
        os.kill(int(first[0]) if first else keeper, signal.SIGKILL)
    except (FileNotFoundError, ProcessLookupError):
        return

    def is_gone():
        try:
            os.waitpid(keeper, os.WNOHANG)
        except ChildProcessError:
            pass
        return not pathlib.Path(f"/proc/{keeper}").exists()
    until(is_gone, f"the end of process {keeper}")


class Cluster:
    def __init__(self, folder, tied=False):
        """A folder that is not there yet, or that of an earlier call. tied: all ends when this program does."""
        self.folder, self.tied = pathlib.Path(folder).resolve(), tied
        number = zlib.crc32(str(self.folder).encode())
        self.tag, self.network = f"md{number:08x}", f"10.{200 + number % 50}.{number // 50 % 256}"
        self.switch, self.passwords, self.pace = f"{self.tag}-switch", {}, USUAL
        try:
            self.user = pwd.getpwnam("postgres")
        except KeyError:
            self.user = pwd.getpwnam("nobody")
        self.nodes = [Node(self, number) for number in range(1, len(NAMES) + 1)]
        if (self.folder / "cluster.json").exists():
            kept = json.loads((self.folder / "cluster.json").read_text())
            self.passwords, fast = kept["passwords"], kept["fast"]
            self.pace = FAST if fast else USUAL
            for node in self.nodes:
                node.running = kept["running"][node.name]

    def keep(self):
        """What another call of this program must know."""
        path = self.folder / "cluster.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps({"passwords": self.passwords, "fast": self.pace is FAST,
                                    "running": {n.name: n.running for n in self.nodes}}))

    def environment(self):
        return {"PATH": f"{BINARIES}:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": str(self.folder)}

    # ---- making ----
    def make_network(self):
        ip("netns", "add", self.switch)
        ip("-n", self.switch, "link", "add", "br0", "type", "bridge")
        ip("link", "add", f"{self.tag}h", "type", "veth", "peer", "name", "here", "netns", self.switch)
        ip("-n", self.switch, "link", "set", "here", "master", "br0", "up")
        ip("-n", self.switch, "link", "set", "br0", "up")
        ip("addr", "add", f"{self.network}.254/24", "dev", f"{self.tag}h")
        ip("link", "set", f"{self.tag}h", "up")
        for node in self.nodes:
            node.make()

    def differences(self):
        """What these nodes say otherwise than patroni.yml: addresses, passwords, and where a test is in a hurry, times."""
        own = {"etcd.hosts": [f"{n.address}:2379" for n in self.nodes], "watchdog.mode": "off"}
        own["restapi.authentication.password"] = self.passwords["api"]
        for role in ("superuser", "replication", "rewind"):
            own[f"postgresql.authentication.{role}.password"] = self.passwords[role]
        rules = template()["postgresql"]["pg_hba"]
        own["postgresql.pg_hba"] = [rule.replace("10.0.0.0/24", f"{self.network}.0/24") for rule in rules]
        for name, value in (self.pace[0] or {}).items():
            own[f"bootstrap.dcs.{name}"] = value
        small = {"shared_buffers": "16MB", "wal_keep_size": "64MB", "max_connections": 100}
        own.update({f"bootstrap.dcs.postgresql.parameters.{name}": value for name, value in small.items()})
        return own

    def up(self, fast=False):
        """Three nodes, of which one is the primary and the others follow it, one of them synchronously."""
        self.pace = FAST if fast else USUAL
        self.folder.mkdir(mode=0o711)
        self.passwords = {who: secrets.token_hex(12) for who in ("api", "superuser", "replication", "rewind", "mingdi")}
        self.keep()
        self.make_network()
        own = self.differences()
        for node in self.nodes:
            node.configure(own)
        for node in self.nodes:
            node.start()
        primary = until(self.primary, "a primary")
        primary.psql(f"CREATE ROLE mingdi LOGIN PASSWORD '{self.passwords['mingdi']}'")
        primary.psql("CREATE DATABASE mingdi OWNER mingdi ENCODING 'UTF8' TEMPLATE template0")
        until(self.is_whole, "three nodes that follow one another")
        return self

    # ---- looking ----
    def node(self, name):
        if name == "primary":
            return until(self.primary, "a primary", 60)
        return self.nodes[NAMES.index(name)]

    def primary(self):
        said = [(n, n.says()) for n in self.nodes if "patroni" in n.running]
        return next((n for n, s in said if s and s["role"] in ("master", "primary") and s["state"] == "running"), None)

    def standbys(self):
        """As the primary counts them: {name: "sync" or "async"} of those that stream; {} where there is none, or no primary."""
        primary = self.primary()
        if not primary:
            return {}
        try:
            rows = primary.psql("SELECT application_name, sync_state FROM pg_stat_replication WHERE state = 'streaming'")
        except RuntimeError:
            return {}
        return dict(row.split("|") for row in rows.splitlines())

    def is_whole(self):
        """All nodes there, on one time line, one of them synchronous."""
        standbys = self.standbys()
        said = [n.says() for n in self.nodes]
        return (len(standbys) == len(self.nodes) - 1 and "sync" in standbys.values() and all(said)
                and len({s.get("timeline") for s in said}) == 1 and all(s["state"] in ("running", "streaming") for s in said))

    def url(self, schema=None):
        hosts = ",".join(f"{n.address}:5432" for n in self.nodes)
        return (f"postgres://mingdi:{self.passwords['mingdi']}@{hosts}/mingdi?target_session_attrs=read-write"
                + (f"&schema={schema}" if schema else ""))

    # ---- ending ----
    def down(self):
        for node in self.nodes:
            node.kill()
        for space in [*(n.space for n in self.nodes), self.switch]:
            subprocess.run(["ip", "netns", "del", space], capture_output=True)
        subprocess.run(["ip", "link", "del", f"{self.tag}h"], capture_output=True)
        shutil.rmtree(self.folder, ignore_errors=True)


def show(cluster):
    standbys = cluster.standbys()
    for node in cluster.nodes:
        said = node.says() or {"role": "-", "state": "says nothing"}
        place = standbys.get(node.name, "")
        print(f"{node.name}  {node.address}  {said['role']:8} {said['state']:14} timeline {said.get('timeline', '-')}  {place}")


def main():
    words = [w for w in sys.argv[1:] if w != "--fast"]
    if len(words) < 2 or words[0] not in ("up", "status", "kill", "halt", "start", "cut", "heal", "down"):
        sys.exit(__doc__)
    verb, cluster = words[0], Cluster(words[1])
    if verb == "up":
        why = missing()
        if why:
            sys.exit(f"nodes.py: {why}")
        try:
            cluster.up(fast="--fast" in sys.argv)
        except BaseException:
            cluster.down()
            raise
        show(cluster)
        print(cluster.url())
    elif verb == "status":
        show(cluster)
    elif verb == "down":
        cluster.down()
    elif len(words) == 3:
        node = cluster.node(words[2])
        print(node.name)
        getattr(node, verb)()
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
