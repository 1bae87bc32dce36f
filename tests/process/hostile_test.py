#!/usr/bin/env python3
"""Hostile clients against the real server, over raw sockets: heads that two readers might read differently, bodies of
every bad kind, a million of anything, sockets that say nothing, streams that are never read, guessing of passwords,
pages of elsewhere. Each is refused clearly, another client works on meanwhile, memory stays flat, no secret is
written down, and in the end the server stops cleanly.

usage: hostile_test.py [test...] (all in order: they share one server)
"""
import base64
import json
import os
import socket
import struct
import threading
import time

from centre import PASSWORD, WAIT_S, Centre, Client, main, until

LONG = bool(os.environ.get("MINGDI_LONG"))
PIPELINE = 100000 if LONG else 10000
HALF_OPEN, NEVER_READING, IDLE_S = 500, 20, 3
GROWTH_KB = 40 * 1024
NUMBER, NAME, WRONG = "+86 10 5550 7741", "欧阳 Testperson", "wrong horse battery"
CENTRE, START_KB, SANITIZED = None, 0, False


# ---------------------------------------------------------------- raw HTTP

def connect(receive_bytes=None):
    line = socket.socket()
    if receive_bytes:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    line.settimeout(WAIT_S)
    line.connect(("127.0.0.1", CENTRE.port))
    return line


def exchange(data, patience=WAIT_S):
    """Sends it all and reads until the server closes or has said enough; what came, also when it stopped listening midway."""
    seen = b""
    with connect() as line:
        line.settimeout(patience)
        sender = threading.Thread(target=send_quietly, args=(line, data), daemon=True)
        sender.start()
        try:
            while not is_whole(seen):
                more = line.recv(65536)
                if not more:
                    break
                seen += more
        except (ConnectionResetError, socket.timeout):
            pass
        line.close()
        sender.join(WAIT_S)
    return seen


def send_quietly(line, data):
    """In pieces, because the socket's limit of time is for each."""
    try:
        for start in range(0, len(data), 65536):
            line.sendall(data[start:start + 65536])
    except OSError:
        pass


def is_whole(seen):
    head, found, body = seen.partition(b"\r\n\r\n")
    for row in head.split(b"\r\n"):
        if row.lower().startswith(b"content-length:"):
            return bool(found) and len(body) >= int(row.split(b":")[1])
    return False


def status_of(seen):
    return int(seen.split(b" ")[1]) if seen.startswith(b"HTTP/1.1 ") else 0


def head(method="GET", path="/api/v1/centre", *more, host=True):
    rows = [f"{method} {path} HTTP/1.1"] + (["Host: localhost"] if host else []) + list(more)
    return "\r\n".join(rows).encode("latin-1") + b"\r\n\r\n"


def refused(what, data, statuses, early=False):
    """A problem document with one of these statuses; 0 among them: an end without a word is allowed too. early: what the HTTP
    library refuses by itself, before the server sees it, with a page of its own."""
    seen = exchange(data)
    assert status_of(seen) in statuses, (what, seen[:300])
    if early:
        assert b"Connection: close" in seen or not seen, seen[:300]
    elif status_of(seen):
        assert b"application/problem+json" in seen, (what, seen[:300])
        problem = json.loads(seen.partition(b"\r\n\r\n")[2])
        assert problem["status"] == status_of(seen) and problem["detail"] and problem["title"], (what, problem)
    works()


def works():
    answer = CENTRE.client("gateway").ask("GET", "/centre")
    assert answer.status == 200 and answer.json["state"] == "ready", answer


def memory_kb():
    with open(f"/proc/{CENTRE.process.pid}/status") as status:
        return next(int(row.split()[1]) for row in status if row.startswith("VmRSS"))


def is_sanitized():
    """Built with a sanitizer, whose own memory says nothing about the server's."""
    with open(f"/proc/{CENTRE.process.pid}/maps") as maps:
        return any(f"lib{name}san" in row for row in maps for name in ("a", "t", "ub"))


def grows_little(do):
    before = memory_kb()
    do()
    after = memory_kb()
    assert SANITIZED or after - before < GROWTH_KB, f"from {before} to {after} kB"


# ---------------------------------------------------------------- heads

def heads():
    both = "Content-Length: 5", "Transfer-Encoding: chunked"
    refused("both lengths", head("POST", "/api/v1/session", *both) + b"0\r\n\r\n", (400,))
    refused("two lengths", head("POST", "/api/v1/session", "Content-Length: 5", "Content-Length: 6") + b"hello!", (400,))
    refused("two equal lengths", head("POST", "/api/v1/session", "Content-Length: 5", "Content-Length: 5") + b"hello", (400,))
    for length in ("-1", "+5", "0x5", "5 5", "5,5", "1e3", "9" * 30, ""):
        refused(f"length {length!r}", head("POST", "/api/v1/session", f"Content-Length: {length}"), (400, 413), early=True)
    for coding in ("gzip", "chunked, chunked", "identity", "xchunked", "chunked "):
        data = head("POST", "/api/v1/session", f"Transfer-Encoding: {coding}") + b"0\r\n\r\n"
        assert status_of(exchange(data)) in (400, 415, 501), (coding, exchange(data))
    refused("chunk of a strange size", head("POST", "/api/v1/session", "Transfer-Encoding: chunked") + b"FFFFFFFFFFFFFFFFF\r\nx",
            (0, 400, 413), early=True)
    refused("no host", head(host=False), (400,))
    refused("two hosts", head("GET", "/", "Host: other"), (400,))
    refused("a huge header", head("GET", "/", "A: " + "b" * 1000000), (0, 431), early=True)
    refused("10,000 headers", head("GET", "/", *(f"A{n}: b" for n in range(10000))), (0, 431), early=True)
    refused("70 headers", head("GET", "/", *(f"A{n}: b" for n in range(70))), (431,))
    refused("a folded header", head("GET", "/", "A: b", " c: d"), (400,))
    refused("a bare line feed", b"GET / HTTP/1.1\r\nHost: localhost\nA: b\r\n\r\n", (400,))
    refused("a zero byte in a header", head("GET", "/", "A: b\0c"), (400,))
    refused("a space before the colon", head("GET", "/", "A : b"), (400,))
    refused("a method of its own", head("STEAL", "/"), (405, 501))
    refused("a tunnel", b"CONNECT localhost:22 HTTP/1.1\r\nHost: localhost\r\n\r\n", (400, 405))
    refused("a proxy's request", head("GET", "http://example.com/"), (400, 404))
    for junk in (b"\0" * 1000,
                 b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"x" * 500, b"GET\r\n\r\n", b"\r\n" * 1000 + b"x"):
        assert status_of(exchange(junk, patience=2 * IDLE_S)) in (0, 400, 501, 505), junk
    works()


def paths():
    for path in ("/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/pages/..%2f..%2fetc/passwd", "/pages/....//style.css",
                 "/pages/%00style.css", "/pages/style.css%00.js", "//etc/passwd", "/api/v1/../v1/centre", "/api/v1/./centre",
                 "/%c0%ae%c0%ae/", "/%ff%fe", "/%zz", "/%", "/pages/\\..\\x", "/api/v1/calls/1%2fcaller",
                 "/api/v1/calls/" + "9" * 400,
                 "/api/v1/commands/" + "a" * 2000, "/nothing", "/api/v2/calls", "/api/v1/calls?a=" + "&b=" * 40):
        refused(path, head("GET", path), (400, 401, 404, 414))
    refused("a long target", head("GET", "/" + "a" * 100000), (0, 414, 431), early=True)


# ---------------------------------------------------------------- bodies

def bodies():
    person = CENTRE.person("chen")
    path = "/commands/call_answer"
    million = 1000000
    for what, body, statuses in (
            ("deep arrays", b"[" * 100000, (400,)), ("deep objects", b'{"a":' * 100000 + b"1" + b"}" * 100000, (400,)),
            ("not UTF-8", b'{"call":"\xff\xfe"}', (400,)), ("overlong UTF-8", b'{"call":"\xc0\xaf"}', (400,)),
            ("half a pair", b'{"call":"\\ud800"}', (400,)), ("a zero byte", b'{"call":"a\0b"}', (400,)),
            ("an escaped zero", b'{"call":"a\\u0000b"}', (400, 422)), ("a member twice", b'{"call":1,"call":1,"seat":1}', (400,)),
            ("a member twice, escaped", b'{"call":1,"\\u0063all":1,"seat":1}', (400,)), ("nothing", b"", (400, 415, 422)),
            ("half", b'{"call":1', (400,)), ("two", b"{}{}", (400,)), ("a large number", b'{"call":1e400,"seat":1}', (400, 422)),
            ("digits", b'{"call":' + b"9" * 100000 + b',"seat":1}', (400, 422)), ("a fraction", b'{"call":1.5,"seat":1}', (422,)),
            ("2^32", b'{"call":4294967296,"seat":1}', (404, 422)),
            ("2^64", b'{"call":18446744073709551617,"seat":1}', (400, 422)),
            ("below zero", b'{"call":-1,"seat":1}', (404, 422)), ("NaN", b'{"call":NaN,"seat":1}', (400,)),
            ("a text", b'{"call":"1","seat":1}', (422,)), ("an array", b"[]", (400, 422)), ("a word", b"null", (400, 422)),
            ("1 MB of text", b'{"call":"' + b"x" * 1000000 + b'"}', (400, 413, 422)),
            ("100,000 members", ("{" + ",".join(f'"m{n}":1' for n in range(80000)) + "}").encode(), (400, 413, 422)),
            ("2 MB", b'{"call":"' + b"x" * 2000000 + b'"}', (413,))):
        answer = person.ask("POST", path, body)
        assert answer.status in statuses and answer.json["detail"], (what, answer)
    for kind in ("text/plain", "application/xml", "application/jsonp", "multipart/form-data", ""):
        assert person.ask("POST", path, b"{}", {"Content-Type": kind}).status == 415, kind
    crew, row = CENTRE.person("crew1"), b'{"unit":1,"lon":11.97,"lat":57.7}'
    many = exchange(head("POST", "/api/v1/positions", "Content-Type: application/json", f"Content-Length: {34 * million + 1}") +
                    b"[" + b",".join([row] * million) + b"]")
    assert status_of(many) == 413, many[:200]
    answer = crew.ask("POST", "/positions", b"[" + b",".join([row] * 25000) + b"]")
    assert answer.status in (200, 413, 422), answer
    answer = crew.ask("POST", "/positions", b'[{"unit":1,"lon":' + b"1" * 300000 + b',"lat":1}]')
    assert answer.status in (400, 422), answer
    works()


def slow_and_silent_bodies():
    for data in (head("POST", "/api/v1/session", "Content-Type: application/json", "Content-Length: 1000"),
                 head("POST", "/api/v1/session", "Content-Type: application/json", "Transfer-Encoding: chunked")):
        with connect() as line:
            line.sendall(data)
            seen, began = b"", time.monotonic()
            line.settimeout(0.2)
            while not is_whole(seen):
                assert time.monotonic() - began < WAIT_S, "a body that never ends is waited for"
                try:
                    more = line.recv(65536)
                    if not more:
                        break
                    seen += more
                except socket.timeout:
                    send_quietly(line, b"{" if b"Length" in data else b"1\r\n{\r\n")
                except ConnectionResetError:
                    break
            assert status_of(seen) in (0, 408), seen
    works()


# ---------------------------------------------------------------- many

def half_open_sockets():
    """They hold their places and say nothing; a client that works notices nothing, and they are closed in time."""
    person = CENTRE.person("chen")
    lines = [connect() for _ in range(HALF_OPEN)]
    for number, line in enumerate(lines):
        line.sendall((b"", b"GET /api/v1/ce", head()[:-2], head("POST", "/x", "Content-Length: 9") + b"1234")[number % 4])
    for _ in range(100):
        assert person.ask("GET", "/calls?limit=1").status == 200
        assert CENTRE.client("gateway").ask("GET", "/centre").status == 200
    for line in lines:
        while line.recv(65536):  # until the server closes it; each wait is bounded by the socket's limit
            pass
        line.close()
    works()


def a_long_pipeline():
    """Commands one behind the other, never waiting; each is answered, in order."""
    ward, done = CENTRE.person("ward"), {"read": b"", "count": 0}
    body = b'{"facility":1,"kind":"icu","available":7,"occupied":1,"blocked":0,"converting":0}'
    one = head("POST", "/api/v1/commands/beds_set", f"Cookie: {ward.cookie}", f"X-CSRF-Token: {ward.csrf}",
               "Content-Type: application/json", f"Content-Length: {len(body)}") + body
    with connect() as line:
        sender = threading.Thread(target=send_quietly, args=(line, one * PIPELINE), daemon=True)
        sender.start()
        while done["count"] < PIPELINE:
            more = line.recv(1 << 20)
            assert more, f"closed after {done['count']}"
            text = done["read"] + more
            done["count"] += text.count(b"HTTP/1.1 200 ")
            done["read"] = text[-12:] if not text.endswith(b"HTTP/1.1 200 ") else b""
            assert text.count(b"HTTP/1.1 ") == text.count(b"HTTP/1.1 200 ") or text.endswith(b"HTTP/1.1 2"), text[:500]
        sender.join()
    works()


def answers_that_nobody_reads():
    def ask_and_never_read():
        lines = [connect(4096) for _ in range(50)]
        for line in lines:
            line.setblocking(False)
            data = head("GET", "/api/v1/openapi.json") * 2000
            try:
                while data:
                    data = data[line.send(data):]
            except BlockingIOError:
                pass
        works()
        for line in lines:
            line.close()
    grows_little(ask_and_never_read)


# ---------------------------------------------------------------- streams

def websocket(person, *more, path="/api/v1/stream", receive_bytes=None):
    line = connect(receive_bytes)
    line.sendall(head("GET", path, "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
                      "Sec-WebSocket-Key: " + base64.b64encode(os.urandom(16)).decode(), f"Cookie: {person.cookie}", *more))
    seen = b""
    while b"\r\n\r\n" not in seen:
        more_bytes = line.recv(1)
        if not more_bytes:
            break
        seen += more_bytes
    return line, status_of(seen)


def frame(opcode, payload, masked=True, final=True, length=None):
    count = len(payload) if length is None else length
    start = bytes([(0x80 if final else 0) | opcode])
    mark = 0x80 if masked else 0
    if count < 126:
        start += bytes([mark | count])
    elif count < 65536:
        start += bytes([mark | 126]) + struct.pack(">H", count)
    else:
        start += bytes([mark | 127]) + struct.pack(">Q", count)
    return start + (b"\0\0\0\0" if masked else b"") + payload


def close_code(line):
    """Reads frames until the server's close; 0 when it just closes."""
    seen = b""
    try:
        while True:
            while len(seen) >= 2:
                size, start = seen[1] & 0x7F, 2
                if size == 126:
                    size, start = (int.from_bytes(seen[2:4], "big"), 4)
                elif size == 127:
                    size, start = (int.from_bytes(seen[2:10], "big"), 10)
                if len(seen) < start + size:
                    break
                if seen[0] & 0x0F == 8:
                    return int.from_bytes(seen[start:start + 2], "big")
                seen = seen[start + size:]
            more = line.recv(65536)
            if not more:
                return 0
            seen += more
    except ConnectionResetError:
        return 0


def websocket_frames():
    person = CENTRE.person("chen")
    for what, data, codes in (
            ("a length of 2^62", frame(1, b"x" * 100, length=1 << 62), (1002, 1009)),
            ("a length of 2^63", frame(1, b"x" * 100, length=(1 << 64) - 1), (0, 1002, 1009)),
            ("1 MB", frame(1, b"x" * 1000000), (1009,)),
            ("200,000 fragments", frame(1, b"", final=False) + frame(0, b"x", final=False) * 200000, (1002, 1008, 1009)),
            ("binary", frame(2, b"abc"), (1003,)), ("not masked", frame(1, b"{}", masked=False), (1002,)),
            ("not UTF-8", frame(1, b"\xff\xfe"), (1007,)), ("an unknown opcode", frame(5, b""), (1002,)),
            ("a long ping", frame(9, b"x" * 200), (1002,)), ("a ping in pieces", frame(9, b"x", final=False), (1002,)),
            ("deep JSON", frame(1, b"[" * 2000), (1002, 1003, 1007, 1008, 1009)), ("junk", b"\xff" * 1000, (0, 1002))):
        line, status = websocket(person)
        assert status == 101, (what, status)
        send_quietly(line, data)
        code = close_code(line)
        assert code in codes, (what, code)
        line.close()
    works()


def streams_that_are_never_read():
    """Slow clients cost nothing, and one that reads gets everything."""
    person = CENTRE.person("chen")
    lines = []
    for number in range(NEVER_READING):
        if number % 2:
            lines.append(websocket(person, receive_bytes=4096)[0])
        else:
            line = connect(4096)
            line.sendall(head("GET", "/api/v1/events", f"Cookie: {person.cookie}"))
            lines.append(line)
    reader, status = websocket(person)
    assert status == 101
    wanted = []

    def change():
        gateway = CENTRE.client("gateway")
        for _ in range(1500):
            wanted.append(gateway.command("call_offer", {"external": 5}).json["made"])
    changer = threading.Thread(target=change)
    before = memory_kb()
    changer.start()
    seen, mark = b"", None
    while mark is None or mark not in seen[-4000000:]:
        seen = (seen + reader.recv(1 << 20))[-4000000:]
        if not changer.is_alive():
            mark = f'"id":{wanted[-1]},'.encode()
    changer.join()
    after = memory_kb()
    assert SANITIZED or after - before < GROWTH_KB, f"from {before} to {after} kB"
    text = CENTRE.client().ask("GET", "/metrics").body.decode()
    slowed = next(float(row.split()[1]) for row in text.splitlines() if row.startswith("mingdi_stream_slowed_total "))
    assert slowed > 0, text
    for line in (*lines, reader):
        line.close()
    works()


def pages_of_elsewhere():
    person = CENTRE.person("chen")
    for origin in ("https://elsewhere.example", "null", "http://localhost.elsewhere.example", "http://127.0.0.1:1"):
        line, status = websocket(person, f"Origin: {origin}")
        assert status == 403, (origin, status)
        line.close()
    line, status = websocket(person, "Origin: http://localhost")
    assert status == 101, status
    line.close()
    for csrf in (None, "0" * 64, ""):
        headers = {"Cookie": person.cookie, "Idempotency-Key": "k", **({} if csrf is None else {"X-CSRF-Token": csrf})}
        answer = Client(CENTRE).ask("POST", "/commands/call_offer", {}, headers)
        assert answer.status == 403 and answer.json["name"] == "csrf", answer
    assert Client(CENTRE).ask("DELETE", "/session", None, {"Cookie": person.cookie}).status == 403
    works()


# ---------------------------------------------------------------- passwords

def guessing_passwords():
    guesser = CENTRE.client()
    statuses = [guesser.ask("POST", "/session", {"name": "zhao", "password": f"{WRONG} {n}"}).status for n in range(12)]
    assert statuses[0] == 401 and set(statuses) <= {401, 429}, statuses
    answer = guesser.ask("POST", "/session", {"name": "zhao", "password": PASSWORD})
    assert answer.status in (401, 429), f"the account was not locked: {answer}"
    assert CENTRE.person("li").ask("GET", "/centre").status == 200, "nobody else is locked"
    admin = CENTRE.person("admin")
    assert admin.ask("PATCH", "/config", {"sign_ins_per_minute": 5}).status == 200
    answers = [guesser.ask("POST", "/session", {"name": f"nobody{n}", "password": WRONG}) for n in range(40)]
    limited = [a for a in answers if a.status == 429]
    assert limited and int(limited[0].headers["Retry-After"]) >= 1 and limited[0].json["name"], answers[-1]
    assert answers[0].status in (401, 429)
    admin.close()  # where the machine is slow it has said nothing for too long
    assert admin.ask("PATCH", "/config", {"sign_ins_per_minute": 10000}).status == 200
    for body in ({"name": "x" * 100000, "password": "y"}, {"name": "li", "password": "y" * 900000},
                 {"name": ["li"], "password": {}}, {"name": "li\u0000", "password": "y"}, {"password": "y"}):
        assert guesser.ask("POST", "/session", body).status in (400, 401, 413, 422), list(body)
    for token in ("mgd_", "mgd_" + "A" * 43, "x" * 5000, "mgd_\x7f"):
        assert CENTRE.client(token).ask("GET", "/centre").status in (400, 401), token
    works()


# ---------------------------------------------------------------- the end

def memory_is_flat():
    now = memory_kb()
    print(f"# {START_KB} kB at first, {now} kB now")
    assert SANITIZED or now - START_KB < 2 * GROWTH_KB, f"from {START_KB} to {now} kB"


def no_secret_is_written_down():
    taker = CENTRE.person("wang")
    caller = {"number": NUMBER, "name": NAME, "home": "Yangjiao Hutong 7", "remarks": "knocks twice"}
    call = taker.ask("POST", "/calls", caller).json["made"]
    assert taker.ask("GET", f"/calls/{call}/caller").json["number"] == NUMBER
    taker.ask("GET", f"/calls?number={NUMBER.replace(' ', '%20')}")
    admin = CENTRE.person("admin")
    token = admin.ask("POST", "/tokens", {"name": "t", "grant": {"role": "gateway", "scope": "centre"}}).json["secret"]
    secrets = [PASSWORD, WRONG, NUMBER, NAME, "Yangjiao", "knocks twice", token, CENTRE.tokens["gateway"], taker.csrf, admin.csrf,
               taker.cookie.partition("=")[2], admin.cookie.partition("=")[2]]
    assert CENTRE.stop() == 0, CENTRE.log_tail()
    files = [CENTRE.folder / "server.log", *(p for p in CENTRE.data.rglob("*") if p.is_file())]
    for path in files:
        content = path.read_bytes()
        for secret in secrets:
            assert secret.encode() not in content, f"{path.name} holds {secret}"
    assert any(p.name == "centre.db" for p in files) and len(files) >= 4, files
    log = (CENTRE.folder / "server.log").read_text()
    assert '"level":"fatal"' not in log and "sanitizer" not in log.lower(), CENTRE.log_tail()


TESTS = [heads, paths, bodies, slow_and_silent_bodies, half_open_sockets, a_long_pipeline, answers_that_nobody_reads,
         websocket_frames, streams_that_are_never_read, pages_of_elsewhere, guessing_passwords, memory_is_flat,
         no_secret_is_written_down]

if __name__ == "__main__":
    CENTRE = Centre(settings={"requests_per_minute": 1000000, "sign_ins_per_minute": 10000, "idle_timeout_s": IDLE_S,
                              "stream_waiting_bytes_max": 65536}).make().start()
    try:
        works()
        START_KB, SANITIZED = memory_kb(), is_sanitized()
        main(TESTS)
    finally:
        CENTRE.remove()
