#!/usr/bin/env python3
"""What a service manager hears of `mingdi serve`: ready, that it lives while all of it does, stopping.

    MINGDI=build/mingdi tests/process/watchdog_test.py [TEST...]
"""
import ctypes
import os
import pathlib
import socket

from centre import Centre, main, until

EVERY_US = 2_000_000
SEIZE, INTERRUPT, DETACH = 0x4206, 0x4207, 17
NOT_MOVED = "the core thread has not moved"


class Manager:
    """The socket of a service manager."""

    def __init__(self):
        self.path = f"\0mingdi-watchdog-test-{os.getpid()}"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self.socket.bind(self.path)

    def environment(self):
        return {"NOTIFY_SOCKET": "@" + self.path[1:], "WATCHDOG_USEC": str(EVERY_US)}

    def heard(self):
        messages = []
        while True:
            try:
                messages.append(self.socket.recv(256).decode())
            except BlockingIOError:
                return messages


def trace(request, thread):
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    if libc.ptrace(request, thread, None, None) != 0:
        raise OSError(ctypes.get_errno(), "ptrace")


def thread_named(process, name):
    for task in pathlib.Path(f"/proc/{process}/task").iterdir():
        if (task / "comm").read_text().strip() == name:
            return int(task.name)
    raise AssertionError(f"no thread {name}")


def test_the_manager_hears_it_live_and_stop():
    centre, manager = Centre().make(), Manager()
    try:
        centre.start(environment=manager.environment())
        until(lambda: manager.heard()[:1] == ["READY=1"], "ready")
        until(lambda: manager.heard() == ["WATCHDOG=1"], "that it lives")
        until(lambda: manager.heard() == ["WATCHDOG=1"], "that it still lives")
        assert centre.stop() == 0, centre.log_tail()
        assert manager.heard()[-1] == "STOPPING=1"
    finally:
        centre.remove()


def test_a_core_thread_that_hangs_is_not_said_to_live():
    """Its thread alone is held; the loop that answers clients goes on."""
    centre, manager = Centre().make(), Manager()
    try:
        centre.start(environment=manager.environment())
        core = thread_named(centre.process.pid, "core")
        try:
            trace(SEIZE, core)
        except OSError as problem:
            return f"no thread can be held here: {problem}"
        trace(INTERRUPT, core)
        os.waitpid(core, 0x40000000)  # __WALL
        before = centre.log_tail().count(NOT_MOVED)  # a machine may be so busy that this was said already
        until(lambda: centre.log_tail().count(NOT_MOVED) > before, "that it has not moved")
        manager.heard()  # what came before it was held
        until(lambda: centre.log_tail().count(NOT_MOVED) > before + 2, "that it has still not moved")
        assert manager.heard() == []
        assert centre.client().ask("GET", "/healthz").status == 200
        trace(DETACH, core)
        until(lambda: "WATCHDOG=1" in manager.heard(), "that it lives again")
        assert centre.stop() == 0, centre.log_tail()
    finally:
        centre.remove()


if __name__ == "__main__":
    main([value for name, value in list(globals().items()) if name.startswith("test_")])
