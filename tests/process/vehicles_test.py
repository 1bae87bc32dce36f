#!/usr/bin/env python3
"""Vehicles' terminals of JT/T 808 at a real gateway beside a real centre: who may come, positions, orders, buttons, and what must
hold when the centre dies or somebody sends rubbish: nothing is confirmed that the centre has not, and nothing is lost or doubled.

    MINGDI=build/mingdi tests/process/vehicles_test.py [TEST...]
"""
import datetime
import pathlib
import random
import time

from centre import Centre, main, until
from ports import free_port
from terminal import (FAILURE, NOT_SUPPORTED, SUCCESS, WRONG, Gateway, Terminal, bcd_time, position)

CENTRE, GATEWAY = None, None
NUMBER = {1: "13800138001", 2: "13800138002", 3: "13800138003"}
BUTTON = {name: code for code, name in enumerate(
    ["acknowledge", "depart", "arrive", "reach_patient", "leave_scene", "reach_facility", "hand_over", "end", "reach_post",
     "start_shift", "end_shift", "break_down", "repair", "read"], 1)}


def now(back_s=0):
    return datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) - datetime.timedelta(seconds=back_s)


def form(at):
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def press(terminal, act, at=None, serial=None):
    return terminal.send(0x0900, b"\xf0" + bytes([BUTTON[act]]) + (bcd_time(at) if at else b""), serial=serial)


def pressed(terminal, act, at=None, serial=None):
    """The reply, and the lamp."""
    result = terminal.reply(0x0900, press(terminal, act, at, serial))
    terminal.expect(lambda m, s, b: m == 0x8900 and b == b"\xf0" + bytes([BUTTON[act], result]))
    return result


def departures(mission):
    return [e for e in CENTRE.entries("mission_report")
            if (e["command"]["mission"], e["command"]["stage"]) == (mission, "depart")]


def joined(unit, **more):
    return Terminal(GATEWAY.port, NUMBER[unit], **more).join()


def mission_for(unit):
    """Somebody rings, the unit is sent; the mission's id."""
    taker, sender = CENTRE.person("wang"), CENTRE.person("li")
    call = taker.ask("POST", "/calls", {"number": "1"}).json["made"]
    taker.command("call_answer", {"call": call, "seat": 1})
    taker.command("call_locate", {"call": call, "point": {"lon": 11.968, "lat": 57.704}})
    triage = {"call": call, "needs": ["basic"], "priority": "critical", "units_wanted": 1}
    incident = taker.command("call_triage", triage).json["made"]
    until(lambda: taker.ask("GET", f"/incidents/{incident}").json["state"] == "recommended", "a recommendation")
    return sender.command("unit_assign", {"incident": incident, "unit": unit, "override": "other"}).json["made"], incident


def mission_is(mission):
    return CENTRE.person("li").ask("GET", f"/missions/{mission}").json


# ---------------------------------------------------------------- who may come

def test_the_process_has_given_up_its_rights():
    if "keeps its rights" in GATEWAY.log_tail():
        return "a build with sanitizers"
    status = pathlib.Path(f"/proc/{GATEWAY.process.pid}/status").read_text()
    assert "\nSeccomp:\t2\n" in status and "\nNoNewPrivs:\t1\n" in status, status


def test_unknown_terminals_are_refused_and_shown():
    admin = CENTRE.person("admin")
    stranger = Terminal(GATEWAY.port, NUMBER[1]).connect()
    assert stranger.register(plate="京A00001", device="DEV0001") == 4
    assert stranger.ask(0x0002) == FAILURE
    assert stranger.authenticate(b"0123456789abcdef0123") == FAILURE
    shown = until(lambda: admin.ask("GET", "/unknown_terminals").json["items"], "the unknown terminal")[0]
    assert (shown["number"], shown["device"], shown["plate"]) == (NUMBER[1], "DEV0001", "京A00001"), shown
    for unit, number in NUMBER.items():
        wanted = {"kind": "jt808", "number": "0" + number, "unit": unit, "device": "DEV0001" if unit == 1 else ""}
        assert admin.ask("POST", "/terminals", wanted).status == 201
    until(lambda: stranger.register(device="DEV0001") == 0, "the terminal is known")
    assert stranger.register(device="OTHER") == 4
    assert stranger.authenticate(b"0123456789abcdef0123") == FAILURE
    assert stranger.authenticate() == SUCCESS and stranger.ask(0x0002) == SUCCESS
    assert admin.ask("GET", "/unknown_terminals").json["items"] == []
    again = joined(1)
    until(lambda: hung_up(stranger), "the older connection of the same terminal ends")
    assert again.ask(0x0002) == SUCCESS
    again.close()


def hung_up(terminal):
    try:
        while terminal.read(0.01):
            pass
        return False
    except ConnectionError:
        return True


def test_one_who_was_removed_goes():
    admin = CENTRE.person("admin")
    added = admin.ask("POST", "/terminals", {"kind": "jt808", "number": "777", "unit": 3}).json["id"]
    terminal = Terminal(GATEWAY.port, "777").connect()
    until(lambda: terminal.register() == 0, "the terminal is known")
    assert terminal.authenticate() == SUCCESS
    assert admin.ask("DELETE", f"/terminals/{added}").status == 204
    until(lambda: hung_up(terminal), "the gateway cuts it off")


# ---------------------------------------------------------------- positions

def test_positions_of_both_standards():
    old, new = joined(1), joined(2, is_2019=True)
    at = now()
    assert old.ask(0x0200, position(11.9650, 57.7030, at)) == SUCCESS
    assert CENTRE.place(1) == (11.965, 57.703, form(at))
    assert new.ask(0x0200, position(11.9660, 57.7040, at)) == SUCCESS
    assert CENTRE.place(2) == (11.966, 57.704, form(at))
    # kept without connection: true times, and what is newer stays
    body = b"".join(len(p).to_bytes(2, "big") + p for p in (position(11.9, 57.6, now(60 - i)) for i in range(3)))
    assert old.ask(0x0704, b"\x00\x03\x01" + body) == SUCCESS
    assert CENTRE.place(1) == (11.965, 57.703, form(at))
    assert new.ask(0x0200, position(0, 0, now(), status=1)) == SUCCESS  # no fix
    assert CENTRE.place(2) == (11.966, 57.704, form(at))
    old.close(), new.close()


def test_a_batch_in_parts_and_a_part_that_is_missing():
    terminal = joined(3)
    at = now(30)
    points = [position(11.9700 + i / 10000, 57.7000, at + datetime.timedelta(seconds=i)) for i in range(30)]
    body = b"\x00\x1e\x01" + b"".join(len(p).to_bytes(2, "big") + p for p in points)
    cut = [body[:500], body[500:800], body[800:]]
    first = terminal.send(0x0704, cut[0], part=(1, 3))
    assert terminal.reply(0x0704, first) == SUCCESS
    terminal.serial += 1  # the second one is lost
    last = terminal.send(0x0704, cut[2], part=(3, 3))
    assert terminal.reply(0x0704, last) == SUCCESS
    assert CENTRE.place(3) is None
    asked = terminal.expect(lambda m, s, b: m == 0x8003)[2]
    assert asked == first.to_bytes(2, "big") + b"\x01\x00\x02", asked
    assert terminal.reply(0x0704, terminal.send(0x0704, cut[1], serial=first + 1, part=(2, 3))) == SUCCESS
    assert CENTRE.place(3) == (11.9729, 57.7, form(at + datetime.timedelta(seconds=29)))
    assert terminal.ask(0x0704, b"x", part=(9, 3)) == WRONG
    terminal.close()


def test_a_bad_frame_costs_itself_alone():
    terminal = joined(1)
    good, serial = terminal.frame(0x0200, position(11.9651, 57.7031, now(), items=b"\x01\x04\x00\x00\x00\x64\x30\xff\x01"))
    broken = bytearray(good)
    broken[20] ^= 0x10
    terminal.socket.sendall(b"rubbish" + bytes(broken) + b"\x7e\x7e\x7d\x7e" + good[:30] + good)
    assert terminal.reply(0x0200, serial) == SUCCESS
    assert CENTRE.place(1)[:2] == (11.9651, 57.7031)
    # a clock that is not set: the time of receipt
    before = now()
    assert terminal.ask(0x0200, position(11.9652, 57.7032, b"\x00\x13\x45\x99\x99\x99")) == SUCCESS
    lon, lat, at = CENTRE.place(1)
    assert (lon, lat) == (11.9652, 57.7032) and form(before) <= at <= form(now(-2)), at
    assert terminal.ask(0x0200, b"short") == WRONG and terminal.ask(0x0702, b"x") == NOT_SUPPORTED
    assert terminal.ask(0x0900, b"\x0bcard") == NOT_SUPPORTED
    other, serial = Terminal(0, "13999999999").frame(0x0002)
    terminal.socket.sendall(other)
    time_left = until(lambda: terminal.ask(0x0002) == SUCCESS, "still there")
    assert time_left
    terminal.close()


# ---------------------------------------------------------------- orders and buttons

def test_an_order_and_the_crew_s_buttons():
    terminal = joined(1)
    assert terminal.ask(0x0301, bytes([BUTTON["start_shift"]])) == SUCCESS
    assert CENTRE.unit(1)["state"] == "at_post"
    assert pressed(terminal, "depart", now()) == FAILURE  # no mission
    mission, _ = mission_for(1)
    flags, text = terminal.text(confirm=False)
    assert flags == 1 | 4 | 8 and f"【任务{mission}】濒危" in text and "东经11.96800" in text, (flags, text)
    assert mission_is(mission)["state"] == "assigned"
    terminal.connect()  # it did not confirm: told again
    assert terminal.authenticate() == SUCCESS
    assert terminal.text()[1] == text
    until(lambda: mission_is(mission)["state"] == "notified", "the centre knows that the vehicle has it")
    at = now(7)
    assert pressed(terminal, "acknowledge", now(9)) == SUCCESS
    serial = press(terminal, "depart", at)
    assert terminal.reply(0x0900, serial) == SUCCESS
    terminal.expect(lambda m, s, b: m == 0x8900)
    assert pressed(terminal, "depart", at, serial=serial) == SUCCESS  # the same once more
    assert mission_is(mission)["departed_at"] == form(at)
    assert pressed(terminal, "acknowledge", now()) == FAILURE  # the core refuses it
    departed = departures(mission)
    assert len(departed) == 1 and departed[0]["actor_kind"] == "crew", departed
    finish(terminal, mission)


def finish(terminal, mission):
    for act in ("arrive", "reach_patient", "end"):
        assert pressed(terminal, act, now()) == SUCCESS
    assert mission_is(mission)["state"] == "ended"
    assert pressed(terminal, "reach_post", now()) == SUCCESS
    terminal.close()


def test_messages_and_an_order_that_is_withdrawn():
    terminal, sender = joined(2, is_2019=True), CENTRE.person("li")
    assert pressed(terminal, "start_shift", now()) == SUCCESS
    message = sender.ask("POST", "/messages", {"unit": 2, "text": "请从东门进入"}).json["made"]
    flags, text = terminal.text()
    assert (flags, text) == (3 | 4 | 8, "【消息】请从东门进入")
    assert pressed(terminal, "read", now()) == SUCCESS
    assert sender.ask("GET", f"/messages/{message}").json["read_at"]
    mission, incident = mission_for(2)
    assert f"【任务{mission}】" in terminal.text()[1]
    sender.command("incident_cancel", {"incident": incident})
    assert terminal.text()[1] == f"【任务{mission}】已取消"
    assert terminal.ask(0x0200, position(11.97, 57.7, now(), alarm=1)) == SUCCESS
    found = until(lambda: [m for m in sender.ask("GET", "/messages?unit=2").json["items"] if not m["to_crew"]], "the emergency")
    assert "紧急" in sender.ask("GET", f"/messages/{found[0]['id']}/text").json["text"]
    terminal.close()


# ---------------------------------------------------------------- the centre goes and comes

def test_nothing_is_lost_or_doubled_when_the_centre_dies():
    terminal = joined(1)
    mission, _ = mission_for(1)
    terminal.text()
    until(lambda: mission_is(mission)["state"] == "notified", "notified")
    CENTRE.kill()
    at, kept = now(), []
    serial = press(terminal, "depart", at)
    for i in range(3):
        kept.append(position(11.9600 + i / 1000, 57.7000, now(2 - i)))
        terminal.send(0x0200, kept[-1])
    assert not [m for m in silence(terminal, 3) if m[0] == 0x8001], terminal.inbox
    assert terminal.ask(0x0002) == SUCCESS  # the gateway lives
    press(terminal, "depart", at, serial=serial)
    CENTRE.start()
    assert terminal.reply(0x0900, serial) == SUCCESS
    body = b"".join(len(p).to_bytes(2, "big") + p for p in kept)
    assert terminal.ask(0x0704, b"\x00\x03\x01" + body) == SUCCESS
    assert CENTRE.place(1)[:2] == (11.962, 57.7), CENTRE.place(1)
    found = departures(mission)
    assert len(found) == 1 and mission_is(mission)["departed_at"] == form(at), found
    restart_gateway(terminal, mission, serial, at)


def silence(terminal, seconds):
    """All that comes in that time."""
    before = len(terminal.inbox)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        terminal.read(end - time.monotonic())
    return terminal.inbox[before:]


def restart_gateway(terminal, mission, serial, at):
    """Killed, it forgets nothing that matters: the code holds, and a press that is repeated is known."""
    assert GATEWAY.stop(9) == -9
    GATEWAY.start()
    terminal.connect()
    until(lambda: authenticated(terminal), "the code of before is good")
    until(lambda: answered(terminal, serial, at), "the press of before is confirmed again")
    found = departures(mission)
    assert len(found) == 1, found
    assert pressed(terminal, "arrive", now()) == SUCCESS
    terminal.close()


def authenticated(terminal):
    serial = terminal.send(0x0102, terminal.code)
    try:
        return terminal.reply(0x0102, serial, seconds=5) == SUCCESS
    except AssertionError:
        return False


def answered(terminal, serial, at):
    press(terminal, "depart", at, serial=serial)
    try:
        return terminal.reply(0x0900, serial, seconds=5) == SUCCESS
    except AssertionError:
        return False


# ---------------------------------------------------------------- rubbish

def test_rubbish_hurts_nobody_else():
    chance = random.Random(808)
    honest = joined(3)
    base, _ = honest.frame(0x0704, b"\x00\x01\x01" + bytes(60))
    for _ in range(40):
        attacker = Terminal(GATEWAY.port, "1").connect()
        data = bytearray(base * chance.randint(1, 30)) if chance.random() < 0.5 else bytearray(chance.randbytes(20000))
        for _ in range(chance.randint(0, 50)):
            data[chance.randrange(len(data))] = chance.choice([0x7e, 0x7d, 0, 0xff, chance.randrange(256)])
        try:
            attacker.socket.sendall(bytes(data))
        except OSError:
            pass
        attacker.close()
    quiet = [Terminal(GATEWAY.port, "2").connect() for _ in range(300)]  # of one address no more than 256 may wait at the door
    until(lambda: sum(gone(t) for t in quiet) >= 44, "those that are too many are shown the door")
    assert honest.ask(0x0002) == SUCCESS
    for one in quiet:
        one.close()
    flood = b"".join(honest.frame(0x0002)[0] for _ in range(2000))
    honest.socket.sendall(flood)
    assert GATEWAY.process.poll() is None
    other = until(admitted, "another one gets in when the crowd has gone")
    assert other.ask(0x0200, position(11.9661, 57.7041, now())) == SUCCESS
    honest.close(), other.close()


def admitted():
    try:
        return joined(2, is_2019=True)
    except OSError:
        return None


def gone(terminal):
    try:
        terminal.socket.setblocking(False)
        return terminal.socket.recv(1) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def test_a_clean_stop():
    assert GATEWAY.stop() == 0
    tail = GATEWAY.log_tail()
    assert '"terminals so far"' in tail and '"bad_frames"' in tail, tail
    assert CENTRE.tokens["vehicle_gateway"] not in tail


TESTS = [test_the_process_has_given_up_its_rights, test_unknown_terminals_are_refused_and_shown, test_one_who_was_removed_goes,
         test_positions_of_both_standards, test_a_batch_in_parts_and_a_part_that_is_missing,
         test_a_bad_frame_costs_itself_alone, test_an_order_and_the_crew_s_buttons,
         test_messages_and_an_order_that_is_withdrawn, test_nothing_is_lost_or_doubled_when_the_centre_dies,
         test_rubbish_hurts_nobody_else, test_a_clean_stop]

if __name__ == "__main__":
    try:
        CENTRE = Centre()
        CENTRE.make(tokens=("vehicle_gateway",))
        CENTRE.gate = free_port()
        CENTRE.start()
        GATEWAY = Gateway(CENTRE).start()
        main(TESTS)
    finally:
        if GATEWAY is not None:
            if GATEWAY.process is not None and GATEWAY.process.poll() not in (0, None):
                print(GATEWAY.log_tail())
            GATEWAY.stop()
        if CENTRE is not None:
            CENTRE.remove()
