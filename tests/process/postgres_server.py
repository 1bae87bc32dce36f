#!/usr/bin/env python3
"""A PostgreSQL server of a test's own: initdb in a temporary folder, 127.0.0.1 at a free port, an unprivileged user when root.

As a module:   with postgres_server.Server() as server: server.url("schema"); server.restart("KILL"); server.psql("SELECT 1")
               Server.available() tells whether this machine has the programs.
As a program:  postgres_server.py start FOLDER     prints the URL; the server goes on running (exit 77: no PostgreSQL here)
               postgres_server.py restart FOLDER [INT|QUIT|KILL]
               postgres_server.py stop FOLDER      and everything is removed
MINGDI_POSTGRES names the folder of initdb and postgres; else the usual places are looked at.
"""
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from ports import free_port

WAIT_S = 120


def find_binaries():
    for place in (os.environ.get("MINGDI_POSTGRES"), "/usr/lib/postgresql/15/bin", "/usr/local/bin", "/usr/bin"):
        if place and all(os.access(os.path.join(place, name), os.X_OK) for name in ("initdb", "postgres", "psql")):
            return pathlib.Path(place)
    return None


def unprivileged():
    """Arguments of subprocess that make a child somebody else where we are root, as PostgreSQL wants."""
    if os.geteuid() != 0:
        return {}
    try:
        user = pwd.getpwnam("postgres")
    except KeyError:
        user = pwd.getpwnam("nobody")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


class Server:
    @staticmethod
    def available():
        return find_binaries() is not None

    def __init__(self, folder=None, addresses=(), network=None):
        """A folder that is named may hold a server of an earlier call; else a new one is made. addresses: where it listens
        beside the loopback; network: who else may come, as pg_hba.conf says it."""
        self.addresses, self.network = addresses, network
        self.binaries = find_binaries()
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="mingdi-postgres-"))
        self.data = self.folder / "data"
        if (self.folder / "port").exists():
            self.port = int((self.folder / "port").read_text())
        else:
            self.create()

    def create(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        who = unprivileged()
        if who:
            os.chown(self.folder, who["user"], who["group"])
        initdb = [self.binaries / "initdb", "-D", self.data, "-U", "mingdi", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"]
        subprocess.run([*initdb, "--no-instructions"], check=True, stdout=subprocess.DEVNULL, cwd=self.folder, **who)
        self.port = free_port()
        (self.folder / "port").write_text(str(self.port))
        if self.network:
            with open(self.data / "pg_hba.conf", "a") as rules:
                rules.write(f"host all all {self.network} trust\n")

    def start(self):
        addresses = ",".join(["127.0.0.1", *self.addresses])
        settings = [f"listen_addresses={addresses}", f"unix_socket_directories={self.folder}", "shared_buffers=16MB"]
        words = [self.binaries / "postgres", "-D", self.data, "-p", str(self.port)]
        for setting in settings:
            words += ["-c", setting]
        with open(self.folder / "log", "ab") as log:
            subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder, start_new_session=True,
                             **unprivileged())
        self.wait(lambda: self.psql("SELECT 1", check=False).returncode == 0, "the server does not begin")
        return self

    def wait(self, condition, otherwise):
        end = time.monotonic() + WAIT_S
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError(f"{otherwise}: {(self.folder / 'log').read_text(errors='replace')[-2000:]}")
            time.sleep(0.05)

    def pid(self):
        try:
            return int((self.data / "postmaster.pid").read_text().split()[0])
        except (FileNotFoundError, IndexError):
            return 0

    def is_alive(self, pid):
        """A process that has ended and waits for its parent to look counts as gone."""
        try:
            if os.waitpid(pid, os.WNOHANG)[0] == pid:
                return False
        except ChildProcessError:
            pass
        try:
            return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
        except FileNotFoundError:
            return False

    def end(self, how="INT"):
        """INT: fast, QUIT: immediate, KILL: a crash."""
        pid = self.pid()
        if pid and self.is_alive(pid):
            os.kill(pid, getattr(signal, f"SIG{how}"))
            self.wait(lambda: not self.is_alive(pid), "the server does not end")

    def restart(self, how="INT"):
        self.end(how)
        # After a crash the sessions' processes may live for a moment, in which the server refuses to begin.
        single = [self.binaries / "postgres", "--single", "-D", self.data, "-c", "log_min_messages=fatal", "template1"]
        self.wait(lambda: subprocess.run(single, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                         cwd=self.folder, **unprivileged()).returncode == 0, "the server does not recover")
        return self.start()

    def stop(self):
        self.end()
        shutil.rmtree(self.folder)

    def url(self, schema=None):
        return f"postgres://mingdi@127.0.0.1:{self.port}/postgres" + (f"?schema={schema}" if schema else "")

    def psql(self, text, check=True):
        return subprocess.run([self.binaries / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", text, self.url()],
                              check=check, capture_output=True, text=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()


def main():
    if len(sys.argv) < 3 or sys.argv[1] not in ("start", "restart", "stop"):
        sys.exit(__doc__)
    if not Server.available():
        print("skipped: there are no binaries of PostgreSQL 15")
        sys.exit(77)
    server = Server(sys.argv[2])
    if sys.argv[1] == "start":
        print(server.start().url())
    elif sys.argv[1] == "restart":
        server.restart(*sys.argv[3:4])
    else:
        server.stop()


if __name__ == "__main__":
    main()
