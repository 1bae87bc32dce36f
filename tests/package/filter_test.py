#!/usr/bin/env python3
"""Serves, takes a call, backs up and listens for vehicles under the system calls that the units allow, and under no others.

The filter is the unit's own: SystemCallFilter is read from deploy/systemd, its groups are spelled out by systemd-analyze, and
libseccomp loads it, as systemd would. So a unit that forbids what the program needs fails here and not in a centre.

    MINGDI=build/mingdi tests/package/filter_test.py
"""
import ctypes
import errno
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
ALLOW, ERRNO = 0x7FFF0000, 0x00050000
NO_NEW_PRIVILEGES = 38


def groups():
    """{"@group": [what it holds]}"""
    told = subprocess.run(["systemd-analyze", "syscall-filter", "--no-pager"], capture_output=True, text=True, timeout=60).stdout
    found, group = {}, None
    for line in told.splitlines():
        word = line.strip()
        if line.startswith("@"):
            group = found.setdefault(word, [])
        elif word and not word.startswith("#") and group is not None:
            group.append(word)
    return found


def spelled_out(words, known):
    names = set()
    for word in words:
        names |= spelled_out(known[word], known) if word.startswith("@") else {word}
    return names


def allowed_by(unit):
    known = groups()
    names = spelled_out(["@default"], known)
    for line in re.findall(r"^SystemCallFilter=(.*)$", (ROOT / "deploy/systemd" / unit).read_text(), re.M):
        if line.startswith("~"):
            names -= spelled_out(line[1:].split(), known) - spelled_out(["@default"], known)
        else:
            names |= spelled_out(line.split(), known)
    return names


def confine(names):
    library = ctypes.CDLL("libseccomp.so.2", use_errno=True)
    library.seccomp_init.restype = ctypes.c_void_p
    library.seccomp_rule_add.argtypes = [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint]
    library.seccomp_load.argtypes = [ctypes.c_void_p]
    program = library.seccomp_init(ERRNO | errno.EPERM)
    for name in sorted(names):
        number = library.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:
            assert library.seccomp_rule_add(program, ALLOW, number, 0) == 0, name
    assert ctypes.CDLL(None).prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0
    return library.seccomp_load(program)


def run_confined(unit, words):
    """In the place of this process: what the unit forbids is forbidden from the program's first instruction on, but for execve,
    by which it comes to run."""
    if confine(allowed_by(unit) | {"execve"}) != 0:
        print("this system loads no filter", file=sys.stderr)
        sys.exit(77)
    os.execv(words[0], words)


def wrapper(unit):
    return (sys.executable, str(pathlib.Path(__file__).resolve()), "--confined", unit)


def test_the_units_allow_what_the_program_needs():
    centre = Centre().make(tokens=("gateway", "vehicle_gateway"))
    try:
        centre.start(wrapper=wrapper("mingdi.service"))
        assert centre.client("gateway").ask("GET", "/readyz").status == 200
        call = centre.client("gateway").ask("POST", "/calls", {"number": "13812345678"}, {"Idempotency-Key": "a" * 32})
        assert call.status == 201, call
        centre.person("li")  # hashing, cookies, the audit trail
        backups = centre.folder / "backups"
        words = [MINGDI, "backup", "--data", str(centre.data), "--to", str(backups)]
        done = subprocess.run([*wrapper("mingdi-backup.service"), *words], capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        words = [MINGDI, "paper", "print", "--data", str(centre.data), "--without-personal", "--to", str(centre.folder / "paper")]
        done = subprocess.run([*wrapper("mingdi-paper.service"), *words], capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        listen_for_vehicles(centre)
        assert centre.stop() == 0, centre.log_tail()
        assert "not permitted" not in centre.log_tail(), centre.log_tail()
    finally:
        centre.remove()


def listen_for_vehicles(centre):
    token = centre.folder / "token"
    token.write_text(centre.tokens["vehicle_gateway"] + "\n")
    words = [*wrapper("mingdi-gateway-jt808.service"), MINGDI, "gateway", "jt808", "--token-file", str(token), "--port", "0",
             "--centre", f"http://127.0.0.1:{centre.port}"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as gateway:
        line = gateway.stdout.readline()
        gateway.terminate()
        told = gateway.communicate(timeout=60)[1]
        assert re.search(r"127\.0\.0\.1 port \d+", line), (line, told)
        assert gateway.returncode == 0, told


if __name__ == "__main__":
    if sys.argv[1:2] == ["--confined"]:
        run_confined(sys.argv[2], sys.argv[3:])
    sys.path.insert(0, str(ROOT / "tests" / "process"))
    from centre import MINGDI, Centre, main
    main([test_the_units_allow_what_the_program_needs])
