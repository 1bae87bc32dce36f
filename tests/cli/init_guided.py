#!/usr/bin/env python3
"""mingdi init on a terminal, as a person would use it: a pseudo-terminal, answers typed when their question stands there.

usage: init_guided.py MINGDI TOWN CITY FOLDER TEST
"""
import errno
import os
import pathlib
import pty
import select
import signal
import subprocess
import sys

WAIT_S = 60
PASSWORD = "hidden battery staple"


class Person:
    def __init__(self, mingdi, words, folder):
        self.seen = ""
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.environ["TMPDIR"] = str(folder)
            os.execv(mingdi, [mingdi, *words])

    def read(self):
        ready, _, _ = select.select([self.terminal], [], [], WAIT_S)
        assert ready, f"nothing came within {WAIT_S} s after:\n{self.seen}"
        try:
            got = os.read(self.terminal, 65536)
        except OSError as failure:  # a terminal whose other end is closed
            assert failure.errno == errno.EIO
            got = b""
        self.seen += got.decode()
        return len(got) > 0

    def expect(self, text):
        """Waits until the text has come; what came before it is taken off."""
        while text not in self.seen:
            assert self.read(), f"ended before '{text}':\n{self.seen}"
        before, _, self.seen = self.seen.partition(text)
        return before

    def answer(self, question, text):
        before = self.expect(question)
        os.write(self.terminal, text.encode() + b"\n")
        return before

    def end(self):
        while self.read():
            pass
        _, status = os.waitpid(self.pid, 0)
        return os.waitstatus_to_exitcode(status)


def begin(person, city):
    person.answer("Name of the centre: ", "")
    assert "0 bytes are not in 1 .. 255" in person.answer("Name of the centre: ", 'The "Town" centre')
    person.answer("Time zone [Asia/Shanghai]: ", "Europe/Atlantis")
    assert "is not a time zone" in person.answer("Time zone [Asia/Shanghai]: ", "Europe/Stockholm")
    person.answer("City file: ", "nowhere.mingdi")
    assert "nowhere.mingdi" in person.answer("City file: ", str(city))


def lists(person, town):
    person.expect("Districts: ")
    person.answer("file or first line: ", "north,North")
    person.answer("next, or empty to end: ", "north,Twice")
    assert 'stands twice' in person.answer("next, or empty to end: ", "south,South")
    person.answer("next, or empty to end: ", "")
    person.answer("(empty: none): ", "")
    person.expect("Stations: ")
    person.answer("file or first line: ", "")  # there must be one
    person.answer("file or first line: ", str(town / "nothing.csv"))
    assert "nothing.csv" in person.answer("file or first line: ", "far,Far,12.9,57.7,north")
    far = person.answer("next, or empty to end: ", "west,West,11.9601,57.7001,north")
    assert "stations.csv:2: " in far, far  # from every road
    person.answer("next, or empty to end: ", "")
    person.expect("Units: ")
    person.answer("file or first line: ", str(town / "scenario" / "stations.csv"))  # not units
    assert "units.csv:1: " in person.answer("file or first line: ", "a1,west,ALS")
    person.answer("next, or empty to end: ", "a2,nowhere,ALS")
    assert 'nowhere' in person.answer("next, or empty to end: ", "a2,west,BLS")
    person.answer("next, or empty to end: ", "")
    person.expect("Hospitals: ")
    person.answer("file or first line: ", str(town / "scenario" / "facilities.csv"))
    person.expect("Seats: ")
    person.answer("file or first line: ", "")


def administrator(person):
    person.answer("name to sign in with: ", "admin")
    person.answer("name to show: ", "")
    person.answer("password (not shown): ", PASSWORD)
    person.answer("password again: ", "something else 12")
    assert "not the same" in person.answer("name to sign in with: ", "admin")
    person.answer("name to show: ", "The administrator")
    person.answer("password (not shown): ", "short")
    person.answer("password again: ", "short")
    person.answer("name to sign in with: ", "admin")
    person.answer("name to show: ", "The administrator")
    hidden = person.answer("password (not shown): ", PASSWORD) + person.answer("password again: ", PASSWORD)
    assert PASSWORD not in hidden


def nothing_left(folder):
    left = [entry.name for entry in folder.iterdir()]
    assert not left, left


def guided(mingdi, town, city, folder):
    person = Person(mingdi, ["init", "--data", str(folder / "centre")], folder)
    begin(person, city)
    lists(person, town)
    administrator(person)
    person.answer("Make the centre? (yes or no) ", "perhaps")
    person.answer("Make the centre? (yes or no) ", "yes")
    assert person.end() == 0, person.seen
    assert 'the centre "The "Town" centre" is made' in person.seen, person.seen
    assert "1 stations, 2 units, 1 facilities, 2 districts, 4 seats, 1 people" in person.seen, person.seen
    assert PASSWORD not in person.seen
    assert sorted(entry.name for entry in folder.iterdir()) == ["centre"]
    words = [mingdi, "config", "show", "--data", str(folder / "centre")]
    shown = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    assert 'name: "The \\"Town\\" centre"' in shown and 'time_zone: "Europe/Stockholm"' in shown, shown
    subprocess.run([mingdi, "journal", "verify", str(folder / "centre" / "journal.db")], check=True, capture_output=True)


def leaving(mingdi, town, city, folder):
    for how in ("ctrl-d", "ctrl-c", "ctrl-c at the password", "no", "hang-up"):
        person = Person(mingdi, ["init", "--data", str(folder / "centre")], folder)
        begin(person, city)
        if how == "hang-up":
            os.close(person.terminal)
            _, status = os.waitpid(person.pid, 0)
            assert os.waitstatus_to_exitcode(status) not in (0,), how
            nothing_left(folder)
            continue
        person.expect("Districts: ")
        person.expect("file or first line: ")
        if how == "ctrl-d":
            os.write(person.terminal, b"\x04")
        elif how == "ctrl-c":
            os.write(person.terminal, b"\x03")
        else:
            os.write(person.terminal, b"\n")
            person.answer("file or first line: ", str(town / "scenario" / "stations.csv"))
            person.answer("file or first line: ", str(town / "scenario" / "units.csv"))
            person.answer("file or first line: ", str(town / "scenario" / "facilities.csv"))
            person.answer("file or first line: ", "")
            person.answer("name to sign in with: ", "admin")
            person.answer("name to show: ", "")
            if how == "no":
                person.answer("password (not shown): ", PASSWORD)
                person.answer("password again: ", PASSWORD)
                person.answer("Make the centre? (yes or no) ", "no")
            else:
                person.expect("password (not shown): ")
                os.write(person.terminal, b"\x03")
        assert person.end() == 1, how
        assert "nothing was made" in person.seen, person.seen
        nothing_left(folder)


def main():
    mingdi, town, city, folder, test = sys.argv[1:]
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    path = pathlib.Path(folder)
    path.mkdir()
    {"guided": guided, "leaving": leaving}[test](mingdi, pathlib.Path(town), pathlib.Path(city), path)


main()
