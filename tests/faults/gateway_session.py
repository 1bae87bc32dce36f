"""A session of a vehicle's terminal with `mingdi gateway jt808`, in which a call of the gateway's fails: for loops.py. That of a
crew's phone with `mingdi gateway mqtt` stands on it: gateway_session_mqtt.py.

The centre is played here, because a fault must hit the gateway alone: it has the few routes that the gateways ask, keeps what
it was told, and does each idempotency key once. The terminal does what the standard asks of it: it repeats with the same serial
what was not confirmed, and dials again when it is cut off. A gateway that has ended is started again, as its unit would be."""
import datetime
import http.server
import json
import os
import pathlib
import select
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "process"))
from terminal import SUCCESS, Terminal, bcd_time, position  # noqa: E402 (of the process tests)

TOKEN = "mgd_played"
WAIT_S = 120
AGAIN_S = 0.2  # a terminal repeats after this
UNIT, NUMBER, DEVICE, INCIDENT = 3, "13800138000", "phone-1", 4
FINGERPRINT = "9f86d081884c7d65"
UNTIMED = "break_down"  # the press that bears no time
NOW = "2026-01-01T00:00:00Z"


def now(back_s=0):
    return datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) - datetime.timedelta(seconds=back_s)


def form(at):
    return at.strftime("%Y-%m-%dT%H:%M:%S.000000Z")


def content(said):
    """A press that bears no time gets that of its receipt: another one at another gateway, with the same key."""
    return {name: value for name, value in said.items() if name != "occurred_at" or said.get("what") != UNTIMED}


# ---------------------------------------------------------------- the centre

class Played(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answers)
        self.lock, self.ending = threading.Lock(), threading.Event()
        self.positions, self.done, self.problems = set(), {}, []  # done: by key, what was asked
        self.is_notified, self.played, self.streams = False, 0, 0
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def forget(self):
        with self.lock:
            self.positions, self.done, self.problems, self.is_notified, self.streams = set(), {}, [], False, 0
            self.played += 1

    def mission_id(self):
        """Another one in each session: a broker has that of the one before."""
        return 100 + self.played

    def message_id(self):
        return 10000 + self.played

    def handle_error(self, request, client_address):
        """Connections that break are what this is about."""

    def mission(self):
        return {"id": self.mission_id(), "unit": UNIT, "incident": INCIDENT, "priority": "critical", "state": "assigned",
                "point": {"lon": 121.47, "lat": 31.23}, "assigned_at": NOW}

    def snapshot(self):
        message = {"id": self.message_id(), "unit": UNIT, "to_crew": True, "sent_at": form(now()), "read_at": None}
        return {"type": "snapshot", "sequence": 9, "fingerprint": FINGERPRINT,
                "state": {"missions": [self.mission()], "messages": [message]}}


class Answers(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = WAIT_S

    def log_message(self, *_):
        """Nothing is logged."""

    def give(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def is_known(self):
        known = self.headers.get("Authorization") == f"Bearer {TOKEN}"
        if not known:
            self.give(401, {"name": "not_signed_in"})
        return known

    def do_GET(self):
        path = self.path.removeprefix("/api/v1")
        if not self.is_known():
            return
        if path.startswith("/terminals?"):
            items = [{"id": 1, "kind": "jt808", "number": NUMBER, "unit": UNIT, "device": ""},
                     {"id": 2, "kind": "mqtt", "number": DEVICE, "unit": UNIT, "device": ""}]
            self.give(200, {"version": 1, "next": None, "items": items})
        elif path.startswith("/events"):
            self.stream()
        elif path == f"/messages/{self.server.message_id()}/text":
            self.give(200, {"message": self.server.message_id(), "text": "请从东门进入"})
        elif path == f"/missions/{self.server.mission_id()}":
            self.give(200, self.server.mission())
        elif path == f"/incidents/{INCIDENT}":
            self.give(200, {"id": INCIDENT, "needs": ["basic", "chest_pain"]})
        elif path.startswith("/places/at?"):
            self.give(200, {"road": "人民路", "cross": "", "place": ""})
        else:
            self.give(404, {"name": "unknown_entity"})

    def stream(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.close_connection = True
        with self.server.lock:
            self.server.streams += 1
            is_first = self.server.streams == 1
        is_resumed = self.path.endswith(f"?after=9&fingerprint={FINGERPRINT}")
        known = {"type": "change", "sequence": 9, "fingerprint": FINGERPRINT, "from": 9}
        data = f"data: {json.dumps(known if is_resumed else self.server.snapshot())}\n\n".encode()
        while not self.server.ending.is_set():
            self.wfile.write(data)
            self.wfile.flush()
            if is_first:  # breaks once in a session, so that the gateway goes on from where it was
                return
            data = b"\n"
            self.server.ending.wait(1)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path, key = self.path.removeprefix("/api/v1"), self.headers.get("Idempotency-Key")
        if not self.is_known():
            return
        try:
            said = json.loads(body)
        except ValueError:
            self.server.problems.append(f"{path}: {body!r}")
            self.give(400, {"name": "bad_request"})
            return
        with self.server.lock:
            self.take(path, key, said)
        self.give(200, {"refused": []} if path == "/positions" else {"made": 1})

    def take(self, path, key, said):
        server = self.server
        if path == "/positions":
            server.positions |= {(fix["unit"], fix["at"]) for fix in said}
        elif key is None:
            server.problems.append(f"{path} without a key")
        else:
            before = server.done.setdefault(key, (path, said))
            if (before[0], content(before[1])) != (path, content(said)):
                server.problems.append(f"{path}: the key of {before} for {said}")
        server.is_notified = server.is_notified or said == {"mission": server.mission_id(), "stage": "notify"}


# ---------------------------------------------------------------- the session

class Session:
    """again() forgets what was, run() plays the session with the fault in the gateway's environment, holds() looks at the
    centre. What is played, the gateway's words and steps that begin and end it, says a class below."""

    def __init__(self, folder, program):
        self.folder, self.program, self.centre = folder, program, Played()
        self.token = folder / "token"
        self.token.write_text(TOKEN + "\n")
        self.token.chmod(0o600)
        self.process = self.port = None
        self.acknowledged, self.sent = [], {}

    def close(self):
        if self.process is not None and self.process.poll() is None:  # of a session that did not come to its end
            self.process.kill()
            self.process.wait()
        self.centre.ending.set()
        self.centre.shutdown()
        self.centre.server_close()

    def again(self):
        self.centre.forget()
        self.acknowledged = []

    # ---- the gateway ----
    def start(self, environment):
        """False: it has ended before it listened."""
        address = f"http://127.0.0.1:{self.centre.server_address[1]}"
        self.log = open(self.folder / "gateway.log", "w+")
        words = [self.program, "gateway", *self.words(), "--centre", address, "--token-file", self.token]
        self.process = subprocess.Popen(list(map(str, words)), stdout=subprocess.PIPE, stderr=self.log, text=True,
                                        env=environment)
        ready, _, _ = select.select([self.process.stdout], [], [], WAIT_S)
        line = self.process.stdout.readline() if ready else ""
        if line:
            self.port = int(line.split()[-1])
        return bool(line)

    def ended(self, number=None):
        """How it ended, told as subprocess.run would."""
        if number is not None:
            self.process.send_signal(number)
        self.process.wait(WAIT_S)
        self.process.stdout.close()
        self.log.seek(0)
        done = subprocess.CompletedProcess([], self.process.returncode, "", self.log.read())
        self.log.close()
        return done

    def run(self, environment):
        """What became of the process with the fault. The session is played to its end, with a second gateway if need be."""
        plain = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}
        first = None
        if not self.start(environment):
            first = self.ended()
            assert self.start(plain), self.ended().stderr
        self.begin()
        for step in self.steps():
            self.sent = {}
            while not self.complete(step):
                assert first is None, f"the gateway without a fault has ended: {self.ended().stderr[-800:]}"
                first = self.ended()
                assert self.start(plain), self.ended().stderr
        self.finish()
        last = self.ended(signal.SIGTERM)
        assert first is None or last.returncode == 0, last.stderr[-800:]
        return first or last

    def complete(self, step):
        """Plays a step until it is done; False: the gateway has ended."""
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            if self.is_done(step):
                return True
            if self.process.poll() is not None:
                return False
        raise TimeoutError(f"the gateway lives and does not {step.__name__}: {(self.folder / 'gateway.log').read_text()[-1500:]}")

    def said_at(self, name, back_s):
        """The time of a step's message stays when it is repeated."""
        return self.sent.setdefault(name, now(back_s))

    # ---- what must hold ----
    def holds(self, done, where):
        centre = self.centre
        assert not centre.problems, f"{where}: {centre.problems}"
        for kind, what in self.acknowledged:
            if kind == "position":
                assert (UNIT, form(what)) in centre.positions, f"{where}: a confirmed position is not there: {what}"
            elif kind == "emergency":
                self.once(where, "/messages", {"unit": UNIT, "occurred_at": form(what)})
            elif kind == "stage":
                self.once(where, "/commands/mission_report", what)
            else:
                self.once(where, "/commands/unit_report", {"unit": UNIT, **what})

    def once(self, where, path, wanted):
        found = [said for route, said in self.centre.done.values() if route == path and wanted.items() <= said.items()]
        assert len(found) == 1, f"{where}: {path} {wanted} was done {len(found)} times"


# ---------------------------------------------------------------- JT/T 808

class TerminalSession(Session):
    def __init__(self, folder, program):
        super().__init__(folder, program)
        self.terminal, self.is_joined = None, False  # on the connection that it has

    def words(self):
        return ["jt808", "--port", "0", "--connections", "8", "--frames", "1000"]

    def begin(self):
        self.terminal, self.is_joined = Terminal(self.port, NUMBER), False

    def finish(self):
        self.terminal.close()

    def steps(self):
        return self.report, self.emergency, self.press, self.read_orders

    def is_done(self, step):
        """Who is not let in, or is cut off, dials again: what is said on a connection that has not authenticated is refused."""
        try:
            if not self.is_joined:
                self.join()
            step()
            return True
        except (OSError, ConnectionError):
            self.terminal.close()
            self.is_joined = False
            time.sleep(0.02)
        except AssertionError:
            """Not confirmed: it is said again."""
        return False

    # ---- what the terminal says; each raises when it was not confirmed ----
    def say(self, message, body):
        """With the serial that it had before, if it is repeated."""
        serial = self.sent.setdefault((message, body), None)
        self.sent[(message, body)] = self.terminal.send(message, body, serial=serial)
        assert self.terminal.reply(message, self.sent[(message, body)], seconds=AGAIN_S) == SUCCESS

    def join(self):
        terminal = self.terminal
        terminal.port = self.port
        terminal.connect()
        serial = terminal.send(0x0100, bytes(37) + b"\x01\xbe\xa9A12345")
        answer = terminal.expect(lambda m, s, b: m == 0x8100 and b[:2] == serial.to_bytes(2, "big"), AGAIN_S)[2]
        assert answer[2] == 0, answer
        assert terminal.reply(0x0102, terminal.send(0x0102, answer[3:]), seconds=AGAIN_S) == SUCCESS
        self.is_joined = True

    def report(self):
        at = self.said_at("report", 60)
        self.say(0x0200, position(121.47, 31.23, at))
        self.acknowledged.append(("position", at))
        batch = [position(121.47, 31.23, at + datetime.timedelta(seconds=i)) for i in range(1, 4)]
        self.say(0x0704, b"\x00\x03\x01" + b"".join(len(p).to_bytes(2, "big") + p for p in batch))
        self.acknowledged += [("position", at + datetime.timedelta(seconds=i)) for i in range(1, 4)]

    def emergency(self):
        at = self.said_at("emergency", 5)
        self.say(0x0200, position(121.47, 31.23, at, alarm=1))
        self.acknowledged += [("position", at), ("emergency", at)]

    def press(self):
        at = self.said_at("press", 2)
        self.say(0x0900, b"\xf0\x09" + bcd_time(at))
        self.acknowledged.append(("press", {"what": "reach_post", "occurred_at": form(at)}))
        self.say(0x0900, b"\xf0\x0c")
        self.acknowledged.append(("press", {"what": UNTIMED}))

    def read_orders(self):
        """The mission is urgent, the message is not; both must come, and the centre must hear that the mission has."""
        texts = self.sent.setdefault("texts", [])
        while not (self.centre.is_notified and any("消息" in text for text in texts)):
            texts.append(self.terminal.text(seconds=AGAIN_S)[1])
