#!/usr/bin/env python3
"""Settings that change while the centre runs: by the API, by the file and SIGHUP, across restarts; the core decides by them."""
import http.client
import json
import re
import signal

from centre import PASSWORD, WAIT_S, Centre, main, one_time_code, run, until


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
    """Who has none sets one up at the next sign-in, the administrator too."""
    centre = Centre().make().start()
    try:
        admin = centre.person("admin")
        assert admin.ask("PATCH", "/config", {"totp_for_all": True}).status == 200
        again = centre.person("admin")
        assert again.ask("GET", "/session").json["owes"] == ["second_factor"]
        refused = again.ask("PATCH", "/config", {"totp_for_all": False})
        assert refused.status == 403 and refused.json["name"] == "second_factor_needed", refused
        secret = again.ask("POST", "/session/totp").json["secret"]
        assert again.ask("PUT", "/session/totp", {"totp": one_time_code(secret)}).status == 204
        assert again.ask("PATCH", "/config", {"totp_for_all": False}).status == 200
        assert admin.ask("GET", "/session").status == 401, "other sessions end with a new second factor"
        admin.close()
        again.close()
    finally:
        centre.remove()


def nobody_is_stopped_at_work():
    """What is asked for now is owed from the next sign-in on, over restarts; a session left open sets up no second factor."""
    centre = Centre().make().start()
    try:
        admin, li = centre.person("admin"), centre.person("li")
        assert admin.ask("PATCH", "/config", {"totp_for_all": True, "first_password_days": 14}).status == 200
        assert li.ask("GET", "/session").json["owes"] == []
        assert li.ask("GET", "/units").status == 200
        assert admin.ask("PATCH", "/config", {"ring_limit_s": 9}).status == 200
        wang = centre.person("wang")
        assert wang.ask("GET", "/session").json["owes"] == ["password", "second_factor"]
        for one in (admin, li, wang):
            one.close()
        assert centre.stop() == 0
        centre.settings = {"totp_for_all": "true", "first_password_days": 14}
        centre.start()
        assert li.ask("GET", "/units").status == 200
        assert wang.ask("GET", "/units").json["name"] == "password_change_needed"
        refused = li.ask("POST", "/session/totp")  # after a restart nobody knows when the password was last shown
        assert refused.status == 403 and refused.json["name"] == "password_needed", refused
        assert li.ask("POST", "/session/shown", {"password": PASSWORD}).status == 204
        secret = li.ask("POST", "/session/totp").json["secret"]
        assert li.ask("PUT", "/session/totp", {"totp": one_time_code(secret)}).status == 204
        for one in (li, wang):
            one.close()
    finally:
        centre.remove()


def the_first_sign_in_of_a_new_centre():
    """As `mingdi init` makes it: the password that was given is changed, a second factor set up, and only then there is more."""
    centre = Centre(settings={"totp_for_all": "true", "first_password_days": 14}).make()
    try:
        yaml = (centre.data / "mingdi.yaml").read_text()
        assert "totp_for_all: true" in yaml and "first_password_days: 14" in yaml, yaml
        centre.start()
        admin = centre.person("admin")
        assert admin.ask("GET", "/session").json["owes"] == ["password", "second_factor"]
        for method, path, body in (("GET", "/people", None), ("GET", "/config", None), ("GET", "/session/all", None)):
            refused = admin.ask(method, path, body)
            assert refused.status == 403 and refused.json["name"] == "password_change_needed", (path, refused)
        own = "quite another horse"
        assert admin.ask("PUT", "/session/password", {"old": PASSWORD, "new": own}).status == 204
        assert admin.ask("GET", "/people").json["name"] == "second_factor_needed"
        assert admin.ask("PUT", "/session/totp", {"totp": "000000"}).json["name"] == "wrong_code"
        secret = admin.ask("POST", "/session/totp").json["secret"]
        code = one_time_code(secret)
        assert admin.ask("PUT", "/session/totp", {"totp": code}).status == 204
        assert admin.ask("GET", "/session").json["owes"] == []
        people = admin.ask("GET", "/people").json["items"]
        wang = next(one for one in people if one["name"] == "wang")
        assert wang["password_given"] and not next(one for one in people if one["name"] == "admin")["password_given"]
        admin.close()
        assert centre.stop() == 0
        centre.start()
        # The session lives, but nobody knows when the password was last shown: deeds of weight ask for it, others do not.
        new = {"name": "sun", "password": "a third good horse", "grants": [{"role": "planner", "scope": "centre"}]}
        assert admin.ask("GET", "/people").status == 200
        refused = admin.ask("POST", "/people", new)
        assert refused.status == 403 and refused.json["name"] == "password_needed", refused
        for path in (f"/people/{wang['id']}", "/tokens/1"):
            assert admin.ask("DELETE", path).json["name"] == "password_needed", path
        assert admin.ask("POST", "/session/shown", {"password": "wrong horse"}).json["name"] == "wrong_password"
        assert admin.ask("POST", "/session/shown", {"totp": code}).json["name"] == "wrong_password", "a code counts once"
        assert admin.ask("POST", "/session/shown", {"password": own}).status == 204
        assert admin.ask("POST", "/people", new).status == 201
        admin.close()
    finally:
        centre.remove()


def what_is_tried_is_written_down():
    """Doors that somebody tries, a flood of it in a few rows; the use of a token once a day; where people are signed in."""
    centre = Centre().make().start()
    try:
        wang, auditor = centre.person("wang"), centre.person("audit")
        for _ in range(30):
            assert wang.ask("GET", "/people").status == 403
            assert centre.client("gateway").ask("GET", "/session").status == 200
        for number in range(9):
            centre.client().ask("POST", "/session", {"name": "zhao", "password": f"wrong {number}"})
        with_token, wang.csrf = wang.csrf, "0" * 64
        assert wang.ask("DELETE", "/session/all/1").json["name"] == "csrf"
        wang.csrf = with_token
        rows = [(row["what"], row["actor_name"], row["detail"]) for row in auditor.ask("GET", "/audit?limit=500").json["items"]]
        told = [row for row in rows if row[0] == "right refused"]
        assert len(told) == 1 and told[0][1] == "Wang" and told[0][2].startswith("list_people, from 127.0.0.1"), told
        assert [row[1] for row in rows if row[0] == "request without its token refused"] == ["Wang"], rows
        assert len([row for row in rows if row[0] == "token used"]) == 1, rows
        assert [row for row in rows if row[0] == "sign-in while locked"], rows
        other = centre.person("wang")
        mine = wang.ask("GET", "/session/all").json["items"]
        assert len(mine) == 2 and sum(one["current"] for one in mine) == 1, mine
        far = next(one["id"] for one in mine if not one["current"])
        assert wang.ask("DELETE", f"/session/all/{far}").status == 204
        assert other.ask("GET", "/session").status == 401
        cookie = wang.cookie
        again = wang.ask("POST", "/session", {"name": "wang", "password": PASSWORD})
        assert again.status == 201
        wang.cookie = cookie
        assert wang.ask("GET", "/session").status == 401, "signing in anew ends the browser's former session"
        for one in (wang, auditor, other):
            one.close()
    finally:
        centre.remove()


if __name__ == "__main__":
    main([a_second_factor_for_all_locks_nobody_out, nobody_is_stopped_at_work,
          the_first_sign_in_of_a_new_centre, what_is_tried_is_written_down, settings_that_must_go_together, changes_at_once,
          what_the_api_changes_holds_after_a_restart,
          the_file_is_read_again_on_sighup_and_at_the_start])
