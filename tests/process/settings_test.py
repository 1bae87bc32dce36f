#!/usr/bin/env python3
"""Settings that change while the centre runs: by the API, by the file and SIGHUP, across restarts; the core decides by them."""
import http.client
import json
import re
import signal

from centre import WAIT_S, Centre, main, run, until


def policy_entries(centre):
    shown = run("journal", "show", centre.journal()).stdout.splitlines()
    return [e for e in map(json.loads, shown) if e["command"]["command"] == "policy_set"]


def value(client, name):
    return next(s["value"] for s in client.ask("GET", "/config").json["items"] if s["name"] == name)


def what_the_api_changes_holds_after_a_restart():
    centre = Centre().make().start()
    try:
        admin = centre.person("admin")
        assert admin.ask("PATCH", "/config", {"ring_limit_s": 7, "position_keep_s": 33}).status == 200
        assert admin.ask("PATCH", "/config", {"port": 1}).status == 422, "needs a restart: it must be refused"
        assert admin.ask("PATCH", "/config", {"ring_limit_s": -1}).status == 422
        assert centre.person("li").ask("PATCH", "/config", {"ring_limit_s": 8}).status == 403
        admin.close()
        assert centre.stop() == 0
        centre.start()
        admin = centre.person("admin")
        assert (value(admin, "ring_limit_s"), value(admin, "position_keep_s")) == (7, 33)
        admin.close()
        assert centre.stop() == 0
        rules = policy_entries(centre)
        assert len(rules) == 2 and rules[-1]["command"]["ring_limit_s"] == 7, rules
    finally:
        centre.remove()


def the_file_is_read_again_on_sighup_and_at_the_start():
    centre = Centre().make().start()
    try:
        admin = centre.person("admin")
        file = centre.data / "mingdi.yaml"
        file.write_text(file.read_text() + "\ndepart_limit_s: 171\n" if "depart_limit_s" not in file.read_text() else
                        "\n".join("depart_limit_s: 171" if line.lstrip("# ").startswith("depart_limit_s:") else line
                                  for line in file.read_text().splitlines()) + "\n")
        centre.process.send_signal(signal.SIGHUP)
        until(lambda: value(admin, "depart_limit_s") == 171, "the new value")
        good = file.read_text()
        file.write_text(good + "no_such_setting: 1\n")
        centre.process.send_signal(signal.SIGHUP)
        until(lambda: "no_such_setting" in centre.log_tail(), "a word about it in the log")
        assert value(admin, "depart_limit_s") == 171
        file.write_text(re.sub(r"(?m)^#? *snapshot_every:.*$", "", good) + "\nsnapshot_every: 12345\n")
        centre.process.send_signal(signal.SIGHUP)
        until(lambda: '"setting":"snapshot_every"' in centre.log_tail(), "that it waits for a restart")
        file.write_text(good.replace("depart_limit_s: 171", "depart_limit_s: 172"))
        admin.close()
        assert centre.stop() == 0
        centre.start()
        admin = centre.person("admin")
        assert value(admin, "depart_limit_s") == 172
        admin.close()
        assert centre.stop() == 0
        assert [e["command"]["depart_limit_s"] for e in policy_entries(centre)][1:] == [171, 172]
    finally:
        centre.remove()


def settings_that_must_go_together():
    """A session may not be idle for longer than it lasts: in whatever order both come, at once or one after the other."""
    centre = Centre().make().start()
    try:
        admin = centre.person("admin")
        both = {"session_hours": 1, "session_idle_minutes": 30}
        for body in (both, {"session_idle_minutes": 240, "session_hours": 12}, dict(reversed(both.items()))):
            assert admin.ask("PATCH", "/config", body).status == 200, body
        assert admin.ask("PATCH", "/config", {"session_idle_minutes": 61}).status == 422
        admin.close()
        assert centre.stop() == 0
        centre.start()
        admin = centre.person("admin")
        assert {name: value(admin, name) for name in both} == both
        admin.close()
    finally:
        centre.remove()


def changes_at_once():
    """Each would do alone, both together would not: one is told so, and the server goes on."""
    centre = Centre().make().start()
    try:
        admin = centre.person("admin")
        assert admin.ask("PATCH", "/config", {"session_idle_minutes": 30}).status == 200
        for _ in range(10):
            sent = []
            for body in ({"session_idle_minutes": 700}, {"session_hours": 1}):
                bytes_ = json.dumps(body).encode()
                one = http.client.HTTPConnection("127.0.0.1", centre.port, timeout=WAIT_S)
                one.request("PATCH", "/api/v1/config", bytes_, {"Content-Type": "application/json", "Cookie": admin.cookie,
                                                                "X-CSRF-Token": admin.csrf})
                sent.append(one)
            statuses = sorted(one.getresponse().status for one in sent)
            assert statuses[0] == 200 and statuses[1] in (422, 503), statuses
            assert admin.ask("PATCH", "/config", {"session_idle_minutes": 30, "session_hours": 12}).status == 200
        admin.close()
        assert centre.stop() == 0
    finally:
        centre.remove()


def a_second_factor_for_all_locks_nobody_out():
    centre = Centre().make().start()
    try:
        admin = centre.person("admin")
        refused = admin.ask("PATCH", "/config", {"totp_for_all": True})
        assert refused.status == 422 and "second factor" in refused.json["detail"], refused
        people = admin.ask("GET", "/people").json["items"]
        person = next(one["id"] for one in people if one["name"] == "admin")
        assert admin.ask("POST", f"/people/{person}/totp").status == 201
        assert admin.ask("PATCH", "/config", {"totp_for_all": True}).status == 200
        admin.close()
    finally:
        centre.remove()


if __name__ == "__main__":
    main([a_second_factor_for_all_locks_nobody_out, settings_that_must_go_together, changes_at_once,
          what_the_api_changes_holds_after_a_restart,
          the_file_is_read_again_on_sighup_and_at_the_start])
