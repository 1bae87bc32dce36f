"""A real centre for the process tests: made by `mingdi init` from the town of tests/cli, run by `mingdi serve`, asked by
HTTP.

The program is named by MINGDI. Everything lives in a temporary folder. Nothing here knows how the server works
inside: it is what a client in another house would write.
"""
import base64
import hashlib
import hmac
import http.client
import json
import os
import pathlib
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import urllib.parse
import uuid

HERE = pathlib.Path(__file__).resolve().parent
MINGDI = os.environ.get("MINGDI", str(HERE.parent.parent / "build" / "mingdi"))
WAIT_S = 120
PASSWORD = "correct horse battery"

# What a new centre asks of people at their first sign-in; the tests of it ask for it again.
PLAIN = {"totp_for_all": "false", "first_password_days": 0}
PLAIN_ENVIRONMENT = {f"MINGDI_SET_{name.upper()}": str(value) for name, value in PLAIN.items()}

PEOPLE = [  # name, role, scope kind, code of the scope
    ("wang", "call_taker", "centre", ""), ("li", "dispatcher", "centre", ""), ("zhao", "dispatcher", "centre", ""),
    ("chen", "duty_commander", "centre", ""), ("crew1", "crew", "unit", "u1"), ("crew2", "crew", "unit", "u2"),
    ("ward", "hospital", "facility", "hospital"), ("admin", "administrator", "centre", ""), ("audit", "auditor", "centre", ""),
    ("review", "quality_reviewer", "centre", ""), ("plan", "planner", "centre", ""),
]


def run(*words, check=True, **options):
    done = subprocess.run([MINGDI, *words], capture_output=True, text=True, timeout=WAIT_S, **options)
    if check and done.returncode != 0:
        raise AssertionError(f"mingdi {' '.join(words)}: exit {done.returncode}: {done.stderr}")
    return done


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.body[:500]!r}"


class Client:
    """One person's or machine's connection; signs in with a cookie and a CSRF token, or carries an API token."""

    def __init__(self, centre, token=None):
        self.centre, self.token, self.cookie, self.csrf, self.connection = centre, token, None, None, None

    def ask(self, method, path, body=None, headers=None, timeout=WAIT_S):
        """The server may close an idle connection at any time: then once more on a new one, what may be said twice."""
        kept = self.connection is not None and (method == "GET" or "Idempotency-Key" in (headers or {}))
        try:
            return self.ask_once(method, path, body, headers, timeout)
        except (ConnectionResetError, BrokenPipeError):
            if not kept:
                raise
            return self.ask_once(method, path, body, headers, timeout)

    def ask_once(self, method, path, body, headers, timeout):
        headers = dict(headers or {})
        if self.centre.drill:
            headers.setdefault("Mingdi-Drill", "1")
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if self.cookie:
            headers["Cookie"] = self.cookie
            headers["X-CSRF-Token"] = self.csrf
        data = None
        if body is not None:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        if self.centre.port is None:
            raise ConnectionRefusedError("the server is down")
        if self.connection is not None and self.connection.sock and select.select([self.connection.sock], [], [], 0)[0]:
            self.close()  # nothing was asked, so what came is its end
        if self.connection is None:
            self.connection = http.client.HTTPConnection(self.centre.host, self.centre.port, timeout=timeout)
        try:
            outside = path.startswith("/api") or path[1:].split("?")[0] in ("healthz", "readyz", "metrics")
            self.connection.request(method, path if outside else "/api/v1" + path, data, headers)
            answer = self.connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        except Exception:
            self.close()
            raise

    def close(self):
        if self.connection:
            self.connection.close()
            self.connection = None

    def sign_in(self, name, password=PASSWORD):
        answer = self.ask("POST", "/session", {"name": name, "password": password})
        assert answer.status == 201, answer
        self.cookie = answer.headers["Set-Cookie"].split(";")[0]
        self.csrf = answer.json["csrf"]
        return self

    def command(self, name, body, key=None, headers=None, expect=200):
        """Asks again with the same key until there is an answer, as every good client does."""
        headers = {**(headers or {}), "Idempotency-Key": key or uuid.uuid4().hex}
        answer = self.ask("POST", f"/commands/{name}", body, headers)
        assert expect is None or answer.status == expect, (name, body, answer)
        return answer


class Centre:
    def __init__(self, drill=False, store=None, folder=None, settings=None):
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="mingdi-process-"))
        self.data, self.drill, self.store, self.settings = self.folder / "data", drill, store, settings or {}
        self.process, self.port, self.tokens, self.host = None, None, {}, "127.0.0.1"
        self.gate = 0  # the port to ask for; 0: any

    # ---- making ----
    def setup_folder(self):
        town = HERE.parent / "cli" / "town"
        setup = self.folder / "setup"
        shutil.copytree(town / "scenario", setup)
        run("city", "import", "--geojson", str(town / "roads.geojson"), "--name", "Town", "-o", str(setup / "city.mingdi"))
        return setup

    def make(self, tokens=("gateway",)):
        setup = self.setup_folder()
        (setup / "seats.csv").write_text("id,name\n" + "".join(f"s{i},Seat {i}\n" for i in range(1, 7)))
        rows = ["name,display,role,scope,scope_id,password"]
        rows += [f"{n},{n.title()},{r},{s},{c},{PASSWORD}" for n, r, s, c in PEOPLE]
        (setup / "people.csv").write_text("\n".join(rows) + "\n")
        words = ["init", "--data", str(self.data), "--from", str(setup)]
        words += ["--drill"] if self.drill else []
        words += ["--store", self.store] if self.store else []
        for role in tokens:
            words += ["--token", f"{role}:{role}"]
        printed = run(*words).stdout
        for role in tokens:
            found = re.search(rf"\b{role}\b.*?(mgd_[\w-]+)", printed)
            assert found, printed
            self.tokens[role] = found.group(1)
        return self

    # ---- running ----
    def start(self, wait=True, environment=None, wrapper=()):
        words = [*wrapper, MINGDI, "serve", "--data", str(self.data), "--port", str(self.gate)]
        words += ["--drill"] if self.drill else []
        words += ["--store", self.store] if self.store else []
        settings = {f"MINGDI_SET_{name.upper()}": str(value) for name, value in {**PLAIN, **self.settings}.items()}
        self.log = open(self.folder / "server.log", "a")
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=self.log, text=True,
                                        env={**os.environ, **settings, **(environment or {})})
        if wait:
            self.wait_listening()
        return self

    def wait_listening(self):
        ready, _, _ = select.select([self.process.stdout], [], [], WAIT_S)
        line = self.process.stdout.readline() if ready else "nothing came"  # ends when the server does
        found = re.search(rf"http://{re.escape(self.host)}:(\d+)", line)
        if not found:
            self.process.kill() if not ready else None
            self.process.wait(WAIT_S)
            raise AssertionError(f"no address, exit {self.process.returncode}: {line}\n{self.log_tail()}")
        self.port = int(found.group(1))

    def log_tail(self):
        return (self.folder / "server.log").read_text()[-3000:]

    def kill(self, number=signal.SIGKILL):
        self.port = None
        self.process.send_signal(number)
        self.process.wait(WAIT_S)
        self.process.stdout.close()
        self.log.close()
        return self.process.returncode

    def stop(self):
        return self.kill(signal.SIGTERM)

    def client(self, token=None):
        return Client(self, self.tokens[token] if token in self.tokens else token)

    def person(self, name):
        return Client(self).sign_in(name)

    def unit(self, number):
        """As a dispatcher sees it."""
        return self.person("li").ask("GET", f"/units/{number}").json

    def place(self, number):
        """Where a unit was last, and when; None: nobody knows."""
        found = self.unit(number)["position"]
        return found and (round(found["lon"], 6), round(found["lat"], 6), found["at"])

    def entries(self, command):
        """The journal's entries of one kind of command."""
        client, after, found = self.person("review"), 0, []
        while after is not None:
            page = client.ask("GET", f"/entries?after={after}&limit=500").json
            found += [e for e in page["items"] if e["command"]["command"] == command]
            after = page["next"]
        return found

    def journal(self):
        return self.store or str(self.data / ("drill" if self.drill else ""))

    def remove(self):
        if self.process and self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def one_time_code(address):
    """What an authenticator shows now that has taken this address (RFC 6238)."""
    secret = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(address).query))["secret"]
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    mac = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    at = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[at:at + 4])[0] & 0x7fffffff) % 1000000:06d}"


def until(condition, what, seconds=WAIT_S):
    """Polls until the condition gives something true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"never came: {what}")


def main(tests):
    """Runs the test functions given by name or all; prints a line each, as TAP."""
    wanted = sys.argv[1:]
    chosen = [t for t in tests if not wanted or t.__name__ in wanted]
    print(f"1..{len(chosen)}")
    failed = 0
    for number, test in enumerate(chosen, 1):
        try:
            skipped = test()
            print(f"ok {number} {test.__name__}" + (f" # SKIP {skipped}" if skipped else ""), flush=True)
        except Exception as problem:  # the test's own failure, told with where it arose
            import traceback
            failed += 1
            traceback.print_exc()
            print(f"not ok {number} {test.__name__}: {problem}", flush=True)
    sys.exit(1 if failed else 0)
