#!/usr/bin/env python3
"""Clients take all the connections that there are, where the system gives few descriptors: the server keeps enough for itself.

    MINGDI=build/mingdi tests/process/descriptors_test.py [TEST...]
"""
import pathlib
import socket

from centre import WAIT_S, Centre, main

DESCRIPTORS = 300


def test_clients_do_not_get_the_last_descriptor():
    centre = Centre().make()
    crowd = []
    try:
        centre.start(wrapper=("prlimit", f"--nofile={DESCRIPTORS}:{DESCRIPTORS}"))
        reviewer, gateway = centre.person("review"), centre.client("gateway")
        assert gateway.ask("POST", "/calls", {}).status == 201
        for _ in range(DESCRIPTORS + 50):  # more than the server takes; the rest waits with the system
            crowd.append(socket.create_connection(("127.0.0.1", centre.port), timeout=WAIT_S))
        assert gateway.ask("POST", "/calls", {}).status == 201
        entries = reviewer.ask("GET", "/entries")  # opens the journal for the first time
        assert entries.status == 200 and len(entries.json["items"]) >= 2, entries
        log = pathlib.Path(centre.folder / "server.log").read_text()
        assert "too few descriptors" in log, log
        assert centre.stop() == 0
    finally:
        for one in crowd:
            one.close()
        centre.remove()


def test_no_core_is_left():
    centre = Centre().make().start()
    try:
        limits = pathlib.Path(f"/proc/{centre.process.pid}/limits").read_text()
        line = next(one for one in limits.splitlines() if one.startswith("Max core file size"))
        assert line.split()[4:6] == ["0", "0"], line
    finally:
        centre.remove()


if __name__ == "__main__":
    main([value for name, value in list(globals().items()) if name.startswith("test_")])
