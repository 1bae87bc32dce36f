#!/usr/bin/env python3
"""Crews' phones at a real gateway by two real brokers beside a real centre: who may come, positions, orders, buttons, and what
must hold when the centre, the gateway or a broker dies: nothing is answered that the centre has not answered, nothing is done
twice.

    MINGDI=build/mingdi tests/process/mqtt_test.py [TEST...]
"""
import datetime
import json
import pathlib
import random
import signal
import sys
import time

from centre import Centre, main, until
from ports import free_port

try:
    from phone import Broker, Gateway, Phone, make_certificate
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

CENTRE, GATEWAY, FIRST, SECOND, PHONE = None, None, None, None, {}
ACCOUNTS = ["mingdi-gateway", "mingdi-gateway-2", "phone-1", "phone-2", "phone-3"]


def now(back_s=0):
    return datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=back_s)


def form(at):
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def place(lon, lat, at=None):
    return {"lon": lon, "lat": lat, "occurred_at": form(at or now())}


def act(name, **more):
    return {"act": name, "occurred_at": form(now()), **more}


def done(answer):
    assert answer["outcome"] == "done", answer


def refused(answer, problem):
    assert (answer["outcome"], answer["problem"]) == ("refused", problem), answer


def reports(mission, stage):
    return [e for e in CENTRE.entries("mission_report") if (e["command"]["mission"], e["command"]["stage"]) == (mission, stage)]


def mission_for(unit):
    """Somebody rings, the unit is sent; the mission and the incident."""
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


def order_of(mission, state=None):
    return lambda order: order is not None and order["mission"] == mission and state in (None, order["state"])


def no_order(order):
    return order is None


# ---------------------------------------------------------------- who may come

def test_the_process_has_given_up_its_rights():
    if "keeps its rights" in GATEWAY.log_text():
        return "a build with sanitizers"
    status = pathlib.Path(f"/proc/{GATEWAY.process.pid}/status").read_text()
    assert "\nSeccomp:\t2\n" in status and "\nNoNewPrivs:\t1\n" in status, status


def test_a_broker_with_another_name_is_not_trusted():
    """The first of the list is the second broker by an address that its certificate does not bear."""
    until(lambda: GATEWAY.figures().get("broker") == "127.0.0.1", "a broker that is trusted")
    assert GATEWAY.figures()["dialled"] >= 2 and "certificate verify failed" in GATEWAY.log_text(), GATEWAY.log_text()


def test_unknown_terminals_are_refused_and_shown():
    admin, phone = CENTRE.person("admin"), PHONE[1].connect(FIRST)
    phone.state(lambda state: state["state"] == "online" and state["centre"] == "answers")
    refused(phone.ask("position", place(11.965, 57.703)), "unknown_terminal")
    shown = until(lambda: admin.ask("GET", "/unknown_terminals").json["items"], "the unknown terminal")[0]
    assert (shown["kind"], shown["number"]) == ("mqtt", "phone-1"), shown
    assert CENTRE.unit(1)["position"] is None
    for wrong in ({"number": "gateway"}, {"number": "a/b"}, {"number": "phone+"}, {"number": ""}, {"number": "p", "device": "d"}):
        assert admin.ask("POST", "/terminals", {"kind": "mqtt", "unit": 1, **wrong}).status == 422, wrong
    for unit in PHONE:
        assert admin.ask("POST", "/terminals", {"kind": "mqtt", "number": f"phone-{unit}", "unit": unit}).status == 201
    until(lambda: GATEWAY.figures().get("terminals") == len(PHONE), "the gateway has the whole list")
    done(phone.ask("position", place(11.965, 57.703)))
    assert admin.ask("GET", "/unknown_terminals").json["items"] == []


def test_one_who_was_removed_is_refused():
    admin, phone = CENTRE.person("admin"), PHONE[3].connect(FIRST)
    done(phone.ask("status", act("start_shift")))
    mission, incident = mission_for(3)
    phone.order(order_of(mission))
    terminal = [t for t in admin.ask("GET", "/terminals").json["items"] if t["number"] == "phone-3"][0]
    assert admin.ask("DELETE", f"/terminals/{terminal['id']}").status == 204
    phone.order(no_order)
    until(lambda: phone.ask("position", place(11.9, 57.7)).get("problem") == "unknown_terminal", "he is refused")
    CENTRE.person("li").command("incident_cancel", {"incident": incident})
    phone.close()


# ---------------------------------------------------------------- positions

def test_positions():
    phone, at = PHONE[1], now()
    done(phone.ask("position", place(11.9651, 57.7031, at)))
    assert CENTRE.place(1) == (11.9651, 57.7031, form(at))
    # kept without a broker: true times, and what is newer stays
    kept = [place(11.9, 57.6, now(60 - i)) for i in range(3)] + [place(11.8, 57.5, now(30 * 86400))]
    done(phone.ask("batch", {"positions": kept}))
    assert CENTRE.place(1) == (11.9651, 57.7031, form(at))
    refused(phone.ask("batch", {"positions": kept[3:]}), "bad_times")
    # a clock that is plainly wrong: the time of receipt
    before = now()
    done(phone.ask("position", place(11.9652, 57.7032, now(-7200))))
    lon, lat, at = CENTRE.place(1)
    assert (lon, lat) == (11.9652, 57.7032) and form(before) <= at <= form(now(-1)), at


# ---------------------------------------------------------------- orders and buttons

def test_an_order_and_the_crew_s_buttons():
    phone, other = PHONE[1], PHONE[2].connect(FIRST)
    done(phone.ask("status", act("start_shift")))
    done(other.ask("status", act("start_shift")))
    assert CENTRE.unit(1)["state"] == "at_post"
    refused(phone.ask("status", act("depart", mission=4000000)), "unknown_mission")
    mission, _ = mission_for(1)
    order = phone.order(order_of(mission, "assigned"))
    assert (order["priority"], order["needs"]) == ("critical", ["basic"]), order
    assert order["point"] == {"lon": 11.968, "lat": 57.704}, order
    refused(other.ask("status", act("depart", mission=mission)), "not_of_this_unit")
    done(phone.ask("status", act("notify", mission=mission)))
    assert phone.order(order_of(mission, "notified"))["version"] > order["version"]
    done(phone.ask("status", act("acknowledge", mission=mission)))
    at = now(3)
    pressed = {"act": "depart", "mission": mission, "occurred_at": form(at)}
    sequence = phone.number()
    done(phone.ask("status", pressed, sequence))
    done(phone.ask("status", pressed, sequence))  # the same once more
    assert mission_is(mission)["departed_at"] == form(at)
    refused(phone.ask("status", act("acknowledge", mission=mission)), "transition")
    departed = reports(mission, "depart")
    assert len(departed) == 1 and departed[0]["actor_kind"] == "crew", departed
    # who comes late sees what is so now
    phone.connect(FIRST, clean=True)
    late = phone.expect(lambda m: m.topic == phone.topic("order"))
    assert late.retain and late.json["mission"] == mission, late.payload
    for name in ("arrive", "reach_patient"):
        done(phone.ask("status", act(name, mission=mission)))
    sequence, ended = phone.number(), act("end", mission=mission)
    done(phone.ask("status", ended, sequence))
    phone.order(no_order)
    done(phone.ask("status", ended, sequence))  # its reply was lost, say: of that mission, though it has ended
    assert mission_is(mission)["state"] == "ended" and len(reports(mission, "end")) == 1
    done(phone.ask("status", act("reach_post")))
    phone.connect(FIRST, clean=True)
    done(phone.ask("status", act("break_down")))
    done(phone.ask("status", act("repair")))
    assert not [m for m in phone.seen if m.topic == phone.topic("order")], phone.seen


def test_messages_and_an_emergency():
    phone, sender = PHONE[1], CENTRE.person("li")
    message = sender.ask("POST", "/messages", {"unit": 1, "text": "请从东门进入"}).json["made"]
    topic = phone.topic(f"message/{message}")
    shown = phone.expect(lambda m: m.topic == topic)
    assert shown.json["text"] == "请从东门进入"
    refused(PHONE[2].ask("status", act("read", message=message)), "not_of_this_unit")
    phone.connect(FIRST, clean=True)
    assert phone.expect(lambda m: m.topic == topic).retain
    done(phone.ask("status", act("read", message=message)))
    assert phone.expect(lambda m: m.topic == topic).payload == b""
    assert sender.ask("GET", f"/messages/{message}").json["read_at"]
    sequence = phone.number()
    members = {"occurred_at": form(now()), "text": "家属情绪激动"}
    done(phone.ask("emergency", members, sequence))
    done(phone.ask("emergency", members, sequence))
    found = [m for m in sender.ask("GET", "/messages?unit=1").json["items"] if not m["to_crew"]]
    assert len(found) == 1, found
    text = sender.ask("GET", f"/messages/{found[0]['id']}/text").json["text"]
    assert "紧急" in text and "家属情绪激动" in text, text
    # the longest text, each byte of which takes six in JSON
    done(phone.ask("emergency", {"occurred_at": form(now()), "text": "\u0001" * 400}))
    newest = max(m["id"] for m in sender.ask("GET", "/messages?unit=1").json["items"] if not m["to_crew"])
    assert newest != found[0]["id"]
    assert sender.ask("GET", f"/messages/{newest}/text").json["text"].endswith(": " + "\u0001" * 400)


def test_where_replies_go():
    phone, other = PHONE[1], PHONE[2]
    sequence = phone.say("position", place(11.9653, 57.7033), response=phone.topic("reply/screen"), correlation=b"\x00\xff7")
    topic = phone.topic("reply/screen")
    answer = phone.expect(lambda m: m.topic == topic)
    assert answer.json["sequence"] == sequence and answer.properties.CorrelationData == b"\x00\xff7"
    # nobody has the gateway speak to another
    for wrong in (other.topic("reply"), other.topic("order"), phone.topic("order"), phone.topic("replyx"),
                  "mingdi/centre/gateway/state"):
        done(phone.reply(phone.say("position", place(11.9653, 57.7033), response=wrong)))
    done(other.ask("position", place(11.966, 57.704)))  # after all of those
    strange = [m.topic for m in other.seen if m.topic != "mingdi/centre/gateway/state" and b'"done"' in m.payload]
    assert strange == [], strange


# ---------------------------------------------------------------- rubbish, and those who are not who they say

def test_bad_payloads_get_a_reason_and_hurt_nobody():
    phone, chance = PHONE[1], random.Random(5)
    good = json.dumps({"epoch": phone.epoch, "sequence": 1, **place(11.9, 57.7)}).encode()
    bad = [b"", b"\x00", b"null", b"[]", b"{", b"[" * 60000, b'{"epoch":"e"}', good.replace(b"11.9", b"1e400"), good * 2,
           good.replace(b"11.9", b"181"), good.replace(b"T", b" T "), good[:-1] + b',"lon":1}', b"\xff" + good, b"x" * 65536]
    for _ in range(30):
        data = bytearray(good)
        for _ in range(chance.randint(1, 8)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        bad.append(bytes(data))
    for payload in bad:
        phone.publish(phone.topic(chance.choice(["position", "batch", "status", "emergency"])), payload)
    answer = phone.expect(lambda m: m.topic == phone.topic("reply") and b"bad_payload" in m.payload)
    assert answer.json["detail"], answer.payload
    number = phone.say("status", act("start_shift"))
    phone.publish(phone.topic("status"), json.dumps({"epoch": phone.epoch, "sequence": number + 1000, **act("fly")}))
    refused(phone.reply(number + 1000), "unknown_act")
    phone.publish(phone.topic("status"), json.dumps({"epoch": phone.epoch, "sequence": number + 1001, **act("depart")}))
    refused(phone.reply(number + 1001), "bad_payload")
    assert GATEWAY.process.poll() is None
    done(PHONE[2].ask("position", place(11.9661, 57.7041)))
    done(phone.ask("position", place(11.9654, 57.7034)))


def test_the_broker_lets_nobody_speak_as_another():
    phone, other = PHONE[2], PHONE[1]
    before, count, state = CENTRE.place(1), len(CENTRE.entries("unit_report")), CENTRE.unit(1)["state"]
    forged = {"epoch": other.epoch, "sequence": 77777}
    phone.publish(other.topic("position"), json.dumps({**forged, **place(10.0, 55.0)}))
    phone.publish(other.topic("status"), json.dumps({**forged, **act("break_down")}))
    phone.publish(other.topic("order"), b"{}")
    phone.publish("mingdi/centre/gateway/state", b"{}")
    done(phone.ask("position", place(11.9662, 57.7042)))  # which comes after them
    assert CENTRE.place(1) == before and len(CENTRE.entries("unit_report")) == count and CENTRE.unit(1)["state"] == state
    other.read(0)
    assert not [m for m in other.seen if m.payload == b"{}"], other.seen


def test_a_gateway_whose_centre_the_list_of_rights_does_not_name():
    other = Gateway(CENTRE, f"mqtt://127.0.0.1:{FIRST.port}", account="mingdi-gateway-2", name="elsewhere")
    try:
        other.start()
        until(lambda: other.figures().get("denied", 0) > 0, "its figure of what the broker refuses")
        text = other.log_text()
        told, connections = (text.count(words) for words in ("list of rights name this centre?", "the line to a broker stands"))
        assert 1 <= told <= connections, text
        assert GATEWAY.figures()["denied"] == 0 and "list of rights" not in GATEWAY.log_text(), GATEWAY.log_text()
    finally:
        other.stop()


# ---------------------------------------------------------------- what dies

def test_nothing_is_lost_or_doubled_when_the_centre_dies():
    phone = PHONE[1]
    mission, _ = mission_for(1)
    phone.order(order_of(mission, "assigned"))
    CENTRE.kill()
    phone.state(lambda state: state.get("centre") == "silent")
    pressed, fix = act("depart", mission=mission), place(11.9700, 57.7050)
    sequence, at = phone.say("status", pressed), phone.say("position", fix)
    end = time.monotonic() + 3
    while time.monotonic() < end:
        phone.read(end - time.monotonic())
    assert not [r for r in phone.replies() if r["sequence"] in (sequence, at)], phone.replies()
    phone.say("status", pressed, sequence)
    CENTRE.start()
    done(phone.reply(sequence))
    done(phone.ask("status", pressed, sequence))
    done(phone.ask("position", fix, at))
    assert CENTRE.place(1)[:2] == (11.97, 57.705)
    assert len(reports(mission, "depart")) == 1
    phone.state(lambda state: state.get("centre") == "answers")
    kill_the_gateway(phone, mission, pressed, sequence)


def kill_the_gateway(phone, mission, pressed, sequence):
    """Killed, it forgets nothing that matters: the broker keeps what comes meanwhile, the centre knows what was done."""
    assert GATEWAY.stop(9) == -9
    phone.state(lambda state: state["state"] == "offline")
    late = phone.say("status", act("arrive", mission=mission))
    GATEWAY.start()
    done(phone.reply(late))
    done(phone.ask("status", pressed, sequence))
    assert len(reports(mission, "depart")) == 1 and len(reports(mission, "arrive")) == 1
    phone.state(lambda state: state["state"] == "online" and state["centre"] == "answers")
    assert not [m for m in phone.seen if m.topic == phone.topic("order") and m.payload == b""], "the order was never away"


def test_presses_of_a_crew_keep_their_order():
    """Several at once to a centre that has stopped, and dies with them; then said again in another order. After a later stage
    it would refuse an earlier one, and the phone would let it go."""
    phone = PHONE[2]
    mission, _ = mission_for(2)
    phone.order(order_of(mission, "assigned"))
    rounds = (("notify", "acknowledge"), ("depart", "arrive", "reach_patient"))
    for names in rounds:
        CENTRE.process.send_signal(signal.SIGSTOP)
        said = [(members, phone.say("status", members)) for members in (act(name, mission=mission) for name in names)]
        until(lambda: GATEWAY.figures().get("pending", 0) >= len(names), "the gateway has the presses")
        CENTRE.kill()
        for members, sequence in reversed(said):
            phone.say("status", members, sequence)
        CENTRE.start()
        for _, sequence in said:
            done(phone.reply(sequence))
    stages = [e["command"]["stage"] for e in CENTRE.entries("mission_report") if e["command"]["mission"] == mission]
    assert stages == [name for names in rounds for name in names], stages
    done(phone.ask("status", act("end", mission=mission)))
    phone.order(no_order)


def test_the_other_broker_is_used():
    phone = PHONE[1]
    mission = mission_of(1)
    pressed, sequence = act("reach_patient", mission=mission), phone.number()
    done(phone.ask("status", pressed, sequence))
    FIRST.stop(9)
    until(lambda: GATEWAY.figures().get("broker") == "localhost", "the gateway is at the second one")
    phone.connect(SECOND)
    assert phone.order(order_of(mission))["state"] == "at_patient"
    done(phone.ask("status", pressed, sequence))
    assert len(reports(mission, "reach_patient")) == 1
    done(phone.ask("status", act("end", mission=mission)))
    phone.order(no_order)
    FIRST.start()
    SECOND.stop(9)
    until(lambda: GATEWAY.figures().get("broker") == "127.0.0.1", "the gateway is at the first one again")
    phone.connect(FIRST)  # whose retained order was of before
    done(phone.ask("status", act("reach_post")))
    phone.connect(FIRST, clean=True)
    done(phone.ask("position", place(11.9701, 57.7051)))
    assert not [m for m in phone.seen if m.topic == phone.topic("order")], phone.seen


def mission_of(unit):
    return CENTRE.unit(unit)["mission"]


def test_a_clean_stop():
    phone = PHONE[1]
    assert GATEWAY.stop() == 0
    phone.state(lambda state: state["state"] == "offline")
    text = GATEWAY.log_text()
    assert '"terminals so far"' in text and '"bad_payloads"' in text, text
    assert CENTRE.tokens["vehicle_gateway"] not in text and "not a good one" not in text and "家属" not in text


TESTS = [test_the_process_has_given_up_its_rights, test_a_broker_with_another_name_is_not_trusted,
         test_unknown_terminals_are_refused_and_shown, test_one_who_was_removed_is_refused, test_positions,
         test_an_order_and_the_crew_s_buttons, test_messages_and_an_emergency, test_where_replies_go,
         test_bad_payloads_get_a_reason_and_hurt_nobody, test_the_broker_lets_nobody_speak_as_another,
         test_a_gateway_whose_centre_the_list_of_rights_does_not_name, test_nothing_is_lost_or_doubled_when_the_centre_dies,
         test_presses_of_a_crew_keep_their_order, test_the_other_broker_is_used, test_a_clean_stop]

if __name__ == "__main__":
    try:
        CENTRE = Centre()
        CENTRE.make(tokens=("vehicle_gateway",))
        CENTRE.gate = free_port()
        CENTRE.start()
        make_certificate(CENTRE.folder)
        FIRST, SECOND = (Broker(CENTRE.folder, name, ACCOUNTS).start() for name in ("first", "second"))
        PHONE = {unit: Phone(f"phone-{unit}") for unit in (1, 2, 3)}
        GATEWAY = Gateway(CENTRE, f"mqtts://127.0.0.1:{SECOND.tls_port},mqtt://127.0.0.1:{FIRST.port},"
                                  f"mqtts://localhost:{SECOND.tls_port}").start()
        main(TESTS)
    finally:
        for phone in PHONE.values():
            phone.close()
        if GATEWAY is not None:
            if GATEWAY.process is not None and GATEWAY.process.poll() not in (0, None):
                print(GATEWAY.log_text()[-3000:])
            GATEWAY.stop()
        for broker in (FIRST, SECOND):
            if broker is not None:
                broker.stop()
        if CENTRE is not None:
            CENTRE.remove()
