#!/usr/bin/env python3
"""The console's files, from outside: what a browser gets, in which form, how long it may keep it; and that nothing else of the
machine can be reached. One centre on a folder made here, one whose folder is missing.

    MINGDI=build/mingdi tests/process/console_test.py
"""
import http.client
import os
import shutil
import socket
import sys

from centre import WAIT_S, Centre, main

PAGE = b"<!doctype html><title>a console that is long enough to be worth pressing together</title>"
FILES = {
    "index.html": PAGE, "index.html.br": b"brotli of it", "index.html.gz": b"gzip of it, somewhat longer",
    "assets/answer-D4cZ0q_w.js": b"export {}", "assets/answer-D4cZ0q_w.js.br": b"br",
    "assets/look-Bk3xY_12.css": b"a{}", "sw.js": b"self", "manifest.webmanifest": b"{}", "icons/icon.svg": b"<svg/>",
    ".env": b"secret", "fonts/inter.woff2": os.urandom(5000),
}
POLICY = {"default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data: blob:", "font-src 'self'",
          "connect-src 'self'", "worker-src 'self'", "manifest-src 'self'", "base-uri 'none'", "form-action 'self'",
          "frame-ancestors 'none'"}

CENTRE = None


def ask(path, method="GET", headers=None, body=None):
    connection = http.client.HTTPConnection("127.0.0.1", CENTRE.port, timeout=WAIT_S)
    connection.putrequest(method, path, skip_accept_encoding=True)
    for name, value in (headers or {}).items():
        connection.putheader(name, value)
    connection.endheaders(body)
    answer = connection.getresponse()
    answer.content = answer.read()
    connection.close()
    return answer


def raw(target):
    """The target as it stands, which no library would send: the status."""
    with socket.create_connection(("127.0.0.1", CENTRE.port), timeout=WAIT_S) as line:
        line.sendall(b"GET " + target + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        seen = b""
        while True:
            more = line.recv(65536)
            if not more:
                return int(seen[9:12] or 0), seen
            seen += more


def secured(answer):
    policy = {part.strip() for part in answer.headers["Content-Security-Policy"].split(";")}
    assert POLICY <= policy, policy
    assert not any("unsafe" in part or "*" in part for part in policy), policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff" and answer.headers["Referrer-Policy"] == "no-referrer"
    assert "camera=()" in answer.headers["Permissions-Policy"], answer.headers
    assert len(answer.headers.get_all("Content-Security-Policy")) == 1, answer.headers


def test_pages():
    for path in ("/", "/index.html", "/console", "/console/", "/console/answer", "/console/review/17?tab=times", "/?drill=1",
                 "/console/a%C3%A9"):
        answer = ask(path, headers={"Accept": "text/html,*/*;q=0.8"})
        assert answer.status == 200 and answer.content == PAGE, (path, answer.status)
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8" and answer.headers["Cache-Control"] == "no-cache"
        secured(answer)
    head = ask("/", "HEAD")
    assert head.status == 200 and head.content == b"" and head.headers["Content-Length"] == str(len(PAGE)), head.headers


def test_files():
    for name, kind in (("assets/answer-D4cZ0q_w.js", "text/javascript; charset=utf-8"),
                       ("sw.js", "text/javascript; charset=utf-8"),
                       ("assets/look-Bk3xY_12.css", "text/css; charset=utf-8"), ("icons/icon.svg", "image/svg+xml"),
                       ("manifest.webmanifest", "application/manifest+json"), ("fonts/inter.woff2", "font/woff2")):
        answer = ask("/" + name, headers={"Accept": "image/avif,image/webp"})
        assert answer.status == 200 and answer.content == FILES[name] and answer.headers["Content-Type"] == kind, name
        kept = "public, max-age=31536000, immutable" if name.startswith("assets/") else "no-cache"
        assert answer.headers["Cache-Control"] == kept, (name, answer.headers["Cache-Control"])
        secured(answer)


def test_forms():
    for wanted, encoding, content in (("gzip, deflate, br", "br", "index.html.br"), ("gzip", "gzip", "index.html.gz"),
                                      ("br;q=0, gzip", "gzip", "index.html.gz"), ("identity", None, "index.html"),
                                      ("gzip;q=0.0, br;q=0", None, "index.html")):
        answer = ask("/console/answer", headers={"Accept-Encoding": wanted})
        assert answer.content == FILES[content] and answer.headers["Content-Encoding"] == encoding, wanted
        assert answer.headers["Vary"] == "Accept-Encoding", answer.headers
    assert len({ask("/", headers={"Accept-Encoding": e}).headers["ETag"] for e in ("br", "gzip", "identity")}) == 3


def test_tags():
    for path in ("/", "/assets/answer-D4cZ0q_w.js"):
        tag = ask(path).headers["ETag"]
        for seen in (tag, "W/" + tag, f'"other", {tag}', "*"):
            answer = ask(path, headers={"If-None-Match": seen})
            assert answer.status == 304 and answer.content == b"" and answer.headers["ETag"] == tag, (path, seen, answer.status)
            assert answer.headers.get("Content-Length") in (None, "0"), answer.headers
            secured(answer)
        assert ask(path, headers={"If-None-Match": '"other"'}).status == 200
        assert ask(path, headers={"If-None-Match": tag, "Accept-Encoding": "br"}).status == 200


def test_what_is_not_there():
    for path in ("/nothing", "/.env", "/assets", "/assets/", "/index.html.br", "/index.html.gz", "/console/none.js", "/sw.js/",
                 "/Index.html", "/console/none.css?x=1", "/api/v1/none", "/pages/none.css"):
        answer = ask(path)
        assert answer.status == 404 and answer.headers["Content-Type"] == "application/problem+json", (path, answer.status)
        assert b"secret" not in answer.content
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        answer = ask("/console/answer", method, {"Content-Length": "2"}, b"{}")
        assert answer.status == 405 and answer.headers["Allow"] == "GET", (method, answer.status)
    assert ask("/api").status == 200 and ask("/about").status == 200 and ask("/healthz").status == 200


def test_hostile_paths():
    folder = CENTRE.folder.name.encode()
    targets = [b"/../mingdi.yaml", b"/console/../../mingdi.yaml", b"/..%2fmingdi.yaml", b"/%2e%2e/mingdi.yaml",
               b"/assets/..%5c..%5cx",
               b"/assets/%2e%2e/index.html", b"//etc/passwd", b"/etc/passwd", b"/linked/passwd", b"/passwd", b"/console/%00.js",
               b"/index.html%00.js", b"/%c0%ae%c0%ae/mingdi.yaml", b"/assets/./answer-D4cZ0q_w.js", b"/proc/self/environ",
               b"http://x/index.html", b"*", b"/" + folder + b"/data/mingdi.yaml", b"/%", b"/%zz", b"/data/master.key",
               b"/console/" + b"a" * 3000 + b".js"]
    for target in targets:
        status, seen = raw(target)
        assert status in (400, 404, 414), (target, status)
        assert b"root:" not in seen and b"time_zone" not in seen and b"secret" not in seen, target


def test_what_is_read_once():
    """The folder may be replaced while the server runs: what it serves stays whole until it starts again."""
    (CENTRE.folder / "console" / "index.html").write_bytes(b"half of a new build")
    (CENTRE.folder / "console" / "new.js").write_bytes(b"new")
    assert ask("/").content == PAGE and ask("/new.js").status == 404
    CENTRE.stop()
    CENTRE.start()
    assert ask("/").content == b"half of a new build" and ask("/new.js").status == 200


def test_no_console():
    CENTRE.stop()
    shutil.rmtree(CENTRE.folder / "console")
    CENTRE.start()
    for path in ("/", "/console/answer"):
        answer = ask(path)
        assert answer.status == 503 and b"./run build" in answer.content, (path, answer.status)
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8" and answer.headers["Cache-Control"] == "no-store"
    assert ask("/sw.js").status == 404 and ask("/about").status == 200
    assert CENTRE.person("wang").ask("GET", "/centre").status == 200
    assert "there is no console" in CENTRE.log_tail()


def made():
    where = Centre()
    console = where.folder / "console"
    for name, content in FILES.items():
        (console / name).parent.mkdir(parents=True, exist_ok=True)
        (console / name).write_bytes(content)
    os.symlink("/etc", console / "linked")
    os.symlink("/etc/passwd", console / "passwd")
    where.settings["console"] = console
    return where.make().start()


TESTS = [test_pages, test_files, test_forms, test_tags, test_what_is_not_there, test_hostile_paths, test_what_is_read_once,
         test_no_console]

if __name__ == "__main__":
    CENTRE = made()
    try:
        main(TESTS)
    finally:
        CENTRE.remove()
        sys.stdout.flush()
