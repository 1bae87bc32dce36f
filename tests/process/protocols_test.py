#!/usr/bin/env python3
"""Triage protocols in a running centre: an unsigned package in a drill, a signed one in a live centre, what is refused, versions
that replace each other, and the protocols that come with Mingdi."""
import json
import pathlib
import re
import shutil
import signal

from centre import HERE, Centre, main, run, until

EXAMPLE = HERE.parent / "cli" / "protocols"
SHIPPED = HERE.parent.parent / "protocols"
SIGNER = "Dr Wang, medical director"


def with_package(drill, source=EXAMPLE):
    centre = Centre(drill=drill)
    shutil.copytree(source, centre.folder / "protocols")
    centre.settings["protocols"] = centre.folder / "protocols"
    return centre.make()


def loads(centre):
    """(number, version) of each protocol_load, in order; the server must not be running."""
    shown = run("journal", "show", centre.journal()).stdout.splitlines()
    commands = [json.loads(line)["command"] for line in shown]
    return [(c["protocol"], c["version"]) for c in commands if c["command"] == "protocol_load"]


def change(centre, name, *pairs):
    path = centre.folder / "protocols" / name
    text = path.read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")


def answered_call(centre, client):
    gateway = centre.client("gateway")
    call = gateway.command("call_offer", {}).json["made"]
    client.command("call_answer", {"call": call, "revision": 0, "seat": 1})
    gateway.close()
    return call


def triage(client, call):
    return client.ask("GET", f"/calls/{call}").json["triage"]


def a_drill_takes_an_unsigned_package_and_a_call_goes_through_it():
    centre = with_package(drill=True).start()
    try:
        wang = centre.person("wang")
        told = wang.ask("GET", "/protocols").json
        package = told["package"]
        assert (package["signature"], package["version"], package["signed_by"]) == ("unsigned", None, None), package
        assert "nobody signed" in package["why"]
        listed = [(i["number"], i["id"], i["version"], i["key"]) for i in told["items"]]
        assert listed == [(1, "arrest", 1, "a"), (7, "chest_pain", 3, "c")]
        assert told["items"][1]["title"] == {"en": "Chest pain", "zh": "胸痛"}
        assert told["items"][1]["words"]["zh"] == ["胸口痛", "心梗"]
        chest = wang.ask("GET", "/protocols/7").json
        assert chest["drill"] is True and chest["entry"] == 1 and [s["name"] for s in chest["steps"]] == ["awake", "rest"]
        assert chest["steps"][0]["answers"][1]["to"] == {"protocol": 1, "step": 2}
        assert chest["steps"][0]["answers"][2]["to"] is None and chest["steps"][0]["answers"][2]["set"] == "non_urgent"
        assert wang.ask("GET", "/protocols/7?version=3").json["id"] == "chest_pain"
        assert wang.ask("GET", "/protocols/7?version=2").status == 404 and wang.ask("GET", "/protocols/9").status == 404
        assert wang.ask("GET", "/protocols/7?version=0").status == 400
        assert centre.client().ask("GET", "/readyz").json["remarks"] == []
        call = answered_call(centre, wang)
        wang.command("triage_begin", {"call": call, "revision": 0, "protocol": 7, "step": 0})
        wang.command("triage_answer", {"call": call, "protocol": 7, "step": 1, "answer": 2})
        assert (triage(wang, call)["protocol"], triage(wang, call)["step"]) == (1, 2)
        wang.command("triage_answer", {"call": call, "protocol": 1, "step": 2, "answer": 1})
        now = triage(wang, call)
        assert (now["priority"], now["needs"], now["units_wanted"], now["ready"], now["marks"], now["step"]) == \
            ("critical", ["advanced", "defibrillator"], 2, True, ["arrest_recognised"], 3), now
        given = wang.ask("GET", f"/calls/{call}/answers").json
        assert given == {"drill": True, "call": call, "complete": True, "items": [
            {"protocol": 7, "version": 3, "step": 1, "answer": 2},
            {"protocol": 1, "version": 1, "step": 2, "answer": 1}]}, given
        assert wang.ask("GET", f"/calls/{call + 1}/answers").status == 404
        wang.close()
    finally:
        centre.remove()


def a_version_replaces_another_and_the_old_words_stay():
    centre = with_package(drill=True).start()
    try:
        assert centre.stop() == 0
        assert loads(centre) == [(1, 1), (7, 3)]
        centre.start()
        assert centre.stop() == 0
        assert loads(centre) == [(1, 1), (7, 3)], "what the core has is not given again"
        change(centre, "chest_pain.yaml", ("version: 3", "version: 4"), ("Let him rest.", "Let her rest."))
        centre.start()
        wang = centre.person("wang")
        assert wang.ask("GET", "/protocols/7").json["steps"][1]["say"]["en"] == "Let her rest."
        assert wang.ask("GET", "/protocols/7?version=3").json["steps"][1]["say"]["en"] == "Let him rest."
        assert wang.ask("GET", "/protocols/7?version=4").json["version"] == 4
        wang.close()
        assert centre.stop() == 0
        assert loads(centre) == [(1, 1), (7, 3), (7, 4)]
        change(centre, "chest_pain.yaml", ("version: 4", "version: 3"), ("Let her rest.", "Let him rest."))
        centre.start()  # back to the old one
        wang = centre.person("wang")
        assert wang.ask("GET", "/protocols/7").json["version"] == 3
        wang.close()
        assert centre.stop() == 0
        assert loads(centre)[-1] == (7, 3)
    finally:
        centre.remove()


def a_live_centre_takes_signed_packages_only():
    centre = with_package(drill=False).start()
    try:
        def listed():
            wang = centre.person("wang")
            told = wang.ask("GET", "/protocols").json
            wang.close()
            return told

        told = listed()
        assert told["package"]["signature"] == "refused" and "nobody signed" in told["package"]["why"] and told["items"] == []
        ready = centre.client().ask("GET", "/readyz")
        assert ready.status == 200 and ready.json["reasons"] == [] and "protocols are refused" in ready.json["remarks"][0], ready
        wang = centre.person("wang")
        call = answered_call(centre, wang)
        refused = wang.command("triage_begin", {"call": call, "revision": 0, "protocol": 7, "step": 0}, expect=None)
        assert refused.json["name"] == "unknown_protocol", refused
        wang.close()
        assert centre.stop() == 0 and loads(centre) == []

        key = centre.folder / "key"
        run("protocol", "key", str(key))
        folder = centre.folder / "protocols"
        run("protocol", "sign", str(folder), "--key", str(key), "--signer", SIGNER, "--version", "2026112207")
        centre.settings["protocol_key"] = (centre.folder / "key.pub").read_text().strip()
        centre.start()
        told = listed()
        assert told["package"] == {"version": 2026112207, "signed_by": SIGNER, "signed_at": told["package"]["signed_at"],
                                   "signature": "valid", "why": None}, told
        assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", told["package"]["signed_at"])
        assert len(told["items"]) == 2 and centre.client().ask("GET", "/readyz").json["remarks"] == []
        assert centre.stop() == 0 and loads(centre) == [(1, 1), (7, 3)]

        change(centre, "chest_pain.yaml", ("Let him rest.", "Let him run."))  # by a hand that may not
        centre.start()
        told = listed()
        assert told["package"]["signature"] == "refused" and "changed after it was signed" in told["package"]["why"]
        assert [i["number"] for i in told["items"]] == [1, 7], "those loaded before are still in use"
        wang = centre.person("wang")
        assert wang.ask("GET", "/protocols/7").json["steps"][1]["say"]["en"] == "Let him rest."
        call = answered_call(centre, wang)
        wang.command("triage_begin", {"call": call, "revision": 0, "protocol": 7, "step": 0})
        wang.close()
        assert centre.stop() == 0 and loads(centre) == [(1, 1), (7, 3)]

        (folder / "package.json").unlink()  # signed anew, as another text under the same version
        run("protocol", "sign", str(folder), "--key", str(key), "--signer", SIGNER)
        centre.start()
        told = listed()
        assert told["package"]["signature"] == "refused" and "give it a higher version" in told["package"]["why"], told

        change(centre, "chest_pain.yaml", ("version: 3", "version: 4"))  # a running centre reads again when it is told to
        sign(folder, key)
        centre.process.send_signal(signal.SIGHUP)
        until(lambda: [i["version"] for i in listed()["items"]] == [1, 4], "the new version")
        wang = centre.person("wang")
        until(lambda: begun(wang, answered_call(centre, wang)) == 4, "the core has the new version")
        assert wang.ask("GET", "/protocols/7").json["steps"][1]["say"]["en"] == "Let him run."
        assert wang.ask("GET", "/protocols/7?version=3").json["steps"][1]["say"]["en"] == "Let him rest."
        wang.close()

        # an old package, as it was
        change(centre, "chest_pain.yaml", ("version: 4", "version: 3"), ("Let him run.", "Let him rest."))
        sign(folder, key)
        centre.process.send_signal(signal.SIGHUP)
        until(lambda: listed()["package"]["signature"] == "refused", "the old package is refused")
        told = listed()
        assert "chest_pain has version 3 and the centre has 4" in told["package"]["why"], told
        assert [i["version"] for i in told["items"]] == [1, 4], "the higher version stays in use"
        assert centre.stop() == 0 and loads(centre) == [(1, 1), (7, 3), (7, 4)]
    finally:
        centre.remove()


def sign(folder, key):
    (folder / "package.json").unlink()
    run("protocol", "sign", str(folder), "--key", str(key), "--signer", SIGNER)


def begun(client, call):
    """The version by which a triage begins."""
    client.command("triage_begin", {"call": call, "revision": 0, "protocol": 7, "step": 0})
    return triage(client, call)["version"]


def mistakes_are_told_and_the_centre_serves():
    centre = with_package(drill=True)
    change(centre, "chest_pain.yaml", ("to: rest", "to: nowhere"))
    centre.start()
    try:
        wang = centre.person("wang")
        told = wang.ask("GET", "/protocols").json
        assert told["package"]["signature"] == "refused" and told["items"] == []
        assert "chest_pain.yaml:15: step awake, answer 1: to: 'nowhere'" in told["package"]["why"], told
        wang.close()
        assert "chest_pain.yaml:15" in centre.log_tail()
    finally:
        centre.remove()


def the_protocols_of_mingdi_are_loaded_by_a_drill():
    if not SHIPPED.is_dir():
        return "there is no folder protocols"
    files = sorted(path.stem for path in SHIPPED.glob("*.yaml"))
    checked = run("protocol", "check", str(SHIPPED)).stdout
    assert len(files) >= 22 and "compressions 2 answers from everywhere" in checked, checked
    centre = with_package(drill=True, source=SHIPPED).start()
    try:
        wang = centre.person("wang")
        told = wang.ask("GET", "/protocols").json
        assert sorted(i["id"] for i in told["items"]) == files, told["package"]
        arrest = next(i["number"] for i in told["items"] if i["id"] == "arrest")
        breathing = next(s for s in wang.ask("GET", f"/protocols/{arrest}").json["steps"] if s["name"] == "breathing")
        recognised = next(a for a in breathing["answers"] if "arrest_recognised" in a["marks"])
        call = answered_call(centre, wang)
        for item in told["items"]:  # from each of them to compressions by two answers
            wang.command("triage_begin", {"call": call, "revision": 0, "protocol": item["number"], "step": 0})
            wang.command("triage_begin", {"call": call, "revision": 0, "protocol": arrest, "step": breathing["step"]})
            seen = {"protocol": arrest, "step": breathing["step"]}
            wang.command("triage_answer", {"call": call, **seen, "answer": recognised["answer"]})
            now = triage(wang, call)
            step = next(s for s in wang.ask("GET", f"/protocols/{now['protocol']}").json["steps"] if s["step"] == now["step"])
            assert step["kind"] == "instruction" and step["metronome"], step
        wang.close()
        assert centre.stop() == 0
        assert len(loads(centre)) == len(files)
    finally:
        centre.remove()


main([a_drill_takes_an_unsigned_package_and_a_call_goes_through_it, a_version_replaces_another_and_the_old_words_stay,
      a_live_centre_takes_signed_packages_only, mistakes_are_told_and_the_centre_serves,
      the_protocols_of_mingdi_are_loaded_by_a_drill])
