#!/usr/bin/env python3
"""The shipped nginx configuration, used: TLS, HTTP/2, the streams, limits, and what it says when the centre is gone.

usage: nginx_test.py SERVER   (tests/process/http_server.c, built)
Skipped (exit 77) where nginx, openssl, curl or the websockets library is missing.
"""
import asyncio
import http.server
import pathlib
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

from centre import WAIT_S
from ports import free_port

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
failures = 0


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


try:
    import websockets
except ImportError:
    skip("no python3-websockets")


def check(what, holds, seen=""):
    global failures
    failures += 0 if holds else 1
    print(f"{'ok' if holds else 'FAILED'}      {what}{'' if holds else f': {seen!r}'}", flush=True)


def wait_until(condition, seconds=WAIT_S):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=WAIT_S).close()
        return True
    except OSError:
        return False


class Front:
    """The tiny server with nginx before it, in a folder of its own."""

    def __init__(self, folder, program, standby=None):
        """standby: the port of another process that is asked too."""
        self.folder, self.program, self.processes, self.standby = pathlib.Path(folder), program, [], standby
        self.https, self.http = free_port(), free_port()

    def __enter__(self):
        self.server = self.start([self.program, "--behind-proxy"], stdout=subprocess.PIPE, text=True)
        self.upstream = int(self.server.stdout.readline())
        self.make_certificate()
        self.write_configuration()
        tested = subprocess.run([*self.nginx(), "-t"], capture_output=True, text=True, check=False)
        check("nginx -t", tested.returncode == 0, tested.stderr)
        self.start([*self.nginx(), "-g", "daemon off;"], stderr=subprocess.DEVNULL)
        check("nginx listens", wait_until(lambda: answers(self.https) and answers(self.http)))
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=WAIT_S)

    def start(self, command, **how):
        process = subprocess.Popen(command, **how)
        self.processes.append(process)
        return process

    def nginx(self):
        return ["nginx", "-p", str(self.folder), "-c", str(self.folder / "nginx.conf"), "-e", str(self.folder / "error.log")]

    def make_certificate(self):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                        "-keyout", self.folder / "key.pem", "-out", self.folder / "certificate.pem"],
                       check=True, capture_output=True)

    def write_configuration(self):
        """The shipped file with other ports, paths and one name; nothing else is changed."""
        text = (ROOT / "deploy/nginx/mingdi.conf").read_text()
        ports = [port for port in (self.standby, self.upstream) if port]
        aside = " max_fails=1 fail_timeout=600s" if self.standby else ""
        servers = " ".join(f"server 127.0.0.1:{port}{aside};" for port in ports)
        for pattern, into, times in ((r"server 127\.0\.0\.1:\d+;", servers, 1),
                                     (r"listen 80;", f"listen 127.0.0.1:{self.http};", 1),
                                     (r"listen 443 ssl http2;", f"listen 127.0.0.1:{self.https} ssl http2;", 1),
                                     (r" *listen \[::\].*\n", "", 2),
                                     (r"/etc/mingdi/tls/", f"{self.folder}/", 2),
                                     (r"/var/log/nginx/", f"{self.folder}/", 1),
                                     (r"centre\.example", "localhost", 1)):
            text, count = re.subn(pattern, into, text)
            check(f"the configuration has {pattern}", count == times, count)
        (self.folder / "mingdi.conf").write_text(text)
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        paths = "".join(f"    {kind}_temp_path {self.folder}/{kind};\n" for kind in kinds)
        (self.folder / "nginx.conf").write_text(
            f"worker_processes 1;\npid {self.folder}/nginx.pid;\nevents {{ worker_connections 512; }}\n"
            f"http {{\n    access_log off;\n{paths}    include {self.folder}/mingdi.conf;\n}}\n")

    def curl(self, path, *options):
        url = path if "://" in path else f"https://localhost:{self.https}{path}"
        done = subprocess.run(["curl", "-sS", "-i", "--max-time", str(WAIT_S), "--cacert", self.folder / "certificate.pem",
                               "--resolve", f"localhost:{self.https}:127.0.0.1", *options, url],
                              capture_output=True, text=True, check=False)
        return done.stdout + done.stderr

    def trust(self):
        return ssl.create_default_context(cafile=str(self.folder / "certificate.pem"))


def is_secured(seen):
    """As the centre's own are: once each."""
    lines = [line.split(":")[0] for line in seen.lower().split("\n\n")[0].split("\n")]
    wanted = ("strict-transport-security", "content-security-policy", "x-content-type-options", "referrer-policy")
    return all(lines.count(name) == 1 for name in wanted)


def check_requests(front):
    seen = front.curl("/", "--http2")
    check("HTTP/2", seen.startswith("HTTP/2 200"), seen)
    check("HSTS", "strict-transport-security: max-age=63072000" in seen, seen)
    check("the centre's security headers, once", seen.lower().count("x-content-type-options: nosniff") == 1, seen)
    check("no version is told", "nginx/" not in seen, seen)
    front.curl("/?q=Storgatan-1")
    log = front.folder / "mingdi.log"
    check("what was asked for is logged", wait_until(lambda: '"GET /" 200' in log.read_text()), log.read_text())
    check("but not its query", "Storgatan" not in log.read_text(), log.read_text())
    check("HTTP/1.1 too", front.curl("/", "--http1.1").startswith("HTTP/1.1 200"))
    seen = front.curl(f"http://127.0.0.1:{front.http}/a?b=c")
    check("plain HTTP is sent to HTTPS", seen.startswith("HTTP/1.1 308") and "https://127.0.0.1/a?b=c" in seen, seen)
    seen = front.curl(f"http://127.0.0.1:{front.http}/api/v1/session")
    check("but the API is not", seen.startswith("HTTP/1.1 403") and '"name":"tls_needed"' in seen, seen)
    seen = front.curl("/address", "-H", "X-Forwarded-For: 6.6.6.6")
    check("a forged address is overwritten", seen.endswith("\n127.0.0.1"), seen)
    body = front.folder / "body"
    body.write_bytes(b"x" * 900_000)
    check("a large body passes", len(front.curl("/body", "--data-binary", f"@{body}")) > 900_000)
    body.write_bytes(b"x" * 1_200_000)
    seen = front.curl("/body", "--data-binary", f"@{body}", "-H", "Expect:")
    check("a larger one does not", seen.startswith("HTTP/2 413") and '"name":"body_too_large"' in seen, seen)
    check("nginx's own answers are secured", is_secured(seen), seen)
    check("those to what is no request too", is_secured(front.curl("/%00")), front.curl("/%00"))
    for version, option in (("TLS 1.2", "1.2"), ("TLS 1.3", "1.3")):
        check(version, "200" in front.curl("/", f"--tlsv{option}", "--tls-max", option).split("\n")[0])


def check_raw(front):
    """What nginx lets through of malformed requests must be nothing that answers 200."""
    host = f"Host: localhost:{front.https}\r\n"
    both = f"{host}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"
    for what, text in (("both lengths", f"POST /body HTTP/1.1\r\n{both}\r\n0\r\n\r\n"),
                       ("two lengths", f"POST /body HTTP/1.1\r\n{host}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"),
                       ("no host", "GET / HTTP/1.1\r\n\r\n"),
                       ("two hosts", f"GET / HTTP/1.1\r\n{host}{host}\r\n"),
                       ("a bad escape", f"GET /%zz HTTP/1.1\r\n{host}\r\n"),
                       ("an encoded slash", f"GET /a%2fb HTTP/1.1\r\n{host}Connection: close\r\n\r\n"),
                       ("a huge header", f"GET / HTTP/1.1\r\n{host}A: {'b' * 9000}\r\n\r\n")):
        with socket.create_connection(("127.0.0.1", front.https), timeout=WAIT_S) as plain:
            with front.trust().wrap_socket(plain, server_hostname="localhost") as line:
                line.sendall(text.encode())
                seen = line.recv(200).decode()
        check(f"refused: {what}", seen[:12] in ("HTTP/1.1 400", "HTTP/1.1 431"), seen)


async def check_websocket(front):
    uri = f"wss://localhost:{front.https}/api/v1/stream"
    async with websockets.connect(uri, ssl=front.trust(), host="127.0.0.1", max_size=None) as client:
        await asyncio.to_thread(front.curl, "/push", "--data-binary", "over the wire")
        check("a WebSocket through TLS", await asyncio.wait_for(client.recv(), WAIT_S) == "over the wire")
        await asyncio.wait_for(await client.ping(), WAIT_S)
        await asyncio.sleep(5)  # longer than two of the server's pings, which the library answers; it would be closed by now
        await asyncio.to_thread(front.curl, "/push", "--data-binary", "still there")
        check("it stays open while pinged", await asyncio.wait_for(client.recv(), WAIT_S) == "still there")
    origin = f"https://localhost:{front.https}"
    async with websockets.connect(uri, ssl=front.trust(), host="127.0.0.1", origin=origin) as client:
        check("a page of its own may", client.open)
    try:
        async with websockets.connect(uri, ssl=front.trust(), host="127.0.0.1", origin="https://elsewhere.example"):
            check("a foreign page may not", False)
    except websockets.exceptions.InvalidStatusCode as why:
        check("a foreign page may not", why.status_code == 403, why.status_code)


def check_events(front):
    command = ["curl", "-sSN", "--max-time", str(WAIT_S), "--cacert", front.folder / "certificate.pem",
               "--resolve", f"localhost:{front.https}:127.0.0.1", f"https://localhost:{front.https}/api/v1/events"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as reader:
        check("an event stream begins", reader.stdout.readline() == "retry: 2000\n")
        reader.stdout.readline()
        for word in ("first", "second"):
            front.curl("/push", "--data-binary", word)
            lines = []
            while not lines or not lines[-1].startswith("data:"):
                line = reader.stdout.readline()
                if not line:
                    break
                lines.append(line.strip())
            check(f"the {word} event comes", lines[-1:] == [f"data: {word}"] and lines[-3].startswith("id: "), lines)
        reader.terminate()


def check_limits(front):
    text = front.curl("/api/v1/session?attempt=[1-200]")  # by one curl, quickly, however slow the machine
    seen = re.split(r"(?=HTTP/2 \d{3})", text)[1:]
    many = [answer for answer in seen if answer.startswith("HTTP/2 429")]
    check("signing in is limited", len(seen) == 200 and many and seen[0].startswith("HTTP/2 200"), (len(seen), len(many)))
    check("as a problem", many and "application/problem+json" in many[0] and "retry-after: 1" in many[0], many[:1])
    front.server.terminate()
    front.server.wait(timeout=WAIT_S)
    front.processes.remove(front.server)
    seen = front.curl("/")
    check("a centre that is gone is a problem too", seen.startswith("HTTP/2 503") and "centre_unavailable" in seen
          and "retry-after: 2" in seen and is_secured(seen), seen)


class Standby(http.server.BaseHTTPRequestHandler):
    """A process that does not own the centre."""
    asked = 0

    def do_POST(self):
        Standby.asked += 1
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(503)
        self.send_header("Retry-After", "1")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def check_two(program):
    with tempfile.TemporaryDirectory() as folder, http.server.HTTPServer(("127.0.0.1", 0), Standby) as standby:
        pathlib.Path(folder).chmod(0o755)
        threading.Thread(target=standby.serve_forever, daemon=True).start()
        with Front(folder, program, standby.server_address[1]) as front:
            seen = [front.curl("/body", "--data-binary", "who owns it") for _ in range(20)]
            check("of two processes the owner answers", all(s.startswith("HTTP/2 200") for s in seen), seen[0])
            check("the other one was asked, and left aside then", 1 <= Standby.asked <= 10, Standby.asked)
        standby.shutdown()


def main():
    for program in ("nginx", "openssl", "curl"):
        if shutil.which(program) is None:
            skip(f"no {program}")
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder).chmod(0o755)
        with Front(folder, sys.argv[1]) as front:
            check_requests(front)
            check_raw(front)
            asyncio.run(check_websocket(front))
            check_events(front)
            check_limits(front)
        check_two(sys.argv[1])
        log = (pathlib.Path(folder) / "error.log").read_text()
        check("nginx has no crash or alert to tell of", not re.search(r"\[(alert|emerg)\]", log), log[-500:])
    print(f"{failures} failures")
    sys.exit(1 if failures else 0)


main()
