#!/usr/bin/env python3
"""SIGTERM while clients listen and commands are under way: the server says good-bye, answers what it took, and ends with 0.

    MINGDI=build/mingdi tests/process/stop_test.py [TEST...]
"""
import base64
import http.client
import json
import os
import signal
import socket
import threading
import uuid

from centre import WAIT_S, Centre, main, until

SOCKETS = ("stream", "events", "stream")


def listen(centre, cookie, kind):
    """A console's connection, behind its head; bytes that came are kept."""
    one = socket.create_connection(("127.0.0.1", centre.port), timeout=WAIT_S)
    head = [f"GET /api/v1/{kind} HTTP/1.1", f"Host: 127.0.0.1:{centre.port}", f"Cookie: {cookie}"]
    if kind == "stream":
        head += ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
                 "Sec-WebSocket-Key: " + base64.b64encode(os.urandom(16)).decode()]
    one.sendall(("\r\n".join(head) + "\r\n\r\n").encode())
    got = b""
    while b'"snapshot"' not in got:
        piece = one.recv(65536)
        assert piece, got[:200]
        got += piece
    return one


def rest_of(one):
    """What comes until the end of the stream."""
    got = b""
    while True:
        try:
            piece = one.recv(65536)
        except ConnectionResetError:
            return got
        if not piece:
            return got
        got += piece


def ended_well(centre):
    code = centre.process.returncode
    assert code == 0, (code, centre.log_tail())
    assert "AddressSanitizer" not in centre.log_tail() and "ThreadSanitizer" not in centre.log_tail(), centre.log_tail()


def test_consoles_that_listen_are_told():
    centre = Centre().make().start()
    try:
        cookie = centre.person("li").cookie
        consoles = [listen(centre, cookie, kind) for kind in SOCKETS]
        process, centre.port = centre.process, None
        process.send_signal(signal.SIGTERM)
        last = [rest_of(one) for one in consoles]
        process.wait(WAIT_S)
        ended_well(centre)
        for kind, bytes_ in zip(SOCKETS, last):
            assert kind != "stream" or b"\x03\xe9the server stops" in bytes_, (kind, bytes_[-80:])  # 1001: going away
    finally:
        centre.remove()


def test_consoles_that_hear_nothing_hold_nobody_up():
    centre = Centre().make().start()
    try:
        cookie = centre.person("li").cookie
        consoles = [listen(centre, cookie, kind) for kind in SOCKETS]  # and never read again
        centre.stop()
        ended_well(centre)
        del consoles
    finally:
        centre.remove()


def ring(port, token, answered, stop):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=WAIT_S)
    while not stop.is_set():
        try:
            connection.request("POST", "/api/v1/calls", json.dumps({"number": "13812345678", "name": "A"}),
                               {"Authorization": f"Bearer {token}", "Content-Type": "application/json",
                                "Idempotency-Key": uuid.uuid4().hex})
            answer = connection.getresponse()
            answered.append((answer.status, answer.read()))
        except (OSError, http.client.HTTPException):
            return


def test_calls_that_ring_while_it_stops():
    """Each call writes personal data, then a command, then the link of the two: SIGTERM comes between any of them."""
    centre = Centre(settings={"drain_s": 0, "requests_per_minute": 1000000}).make()
    try:
        for _ in range(5):
            centre.start()
            answered, stop = [], threading.Event()
            work = (centre.port, centre.tokens["gateway"], answered, stop)
            rings = [threading.Thread(target=ring, args=work) for _ in range(8)]
            for one in rings:
                one.start()
            until(lambda: len(answered) >= 50, "calls")
            centre.stop()
            stop.set()
            for one in rings:
                one.join(WAIT_S)
            ended_well(centre)
            assert {status for status, _ in answered} <= {201, 503}, {status for status, _ in answered}
    finally:
        centre.remove()


if __name__ == "__main__":
    main([value for name, value in list(globals().items()) if name.startswith("test_")])
