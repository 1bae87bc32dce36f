"""What the demonstration asks of its own centre: whether it is ready, whether calls flow, how it went; and it sets the clock's
speed, and says what some ambulances carry: units.csv, which a simulation reads as well, does not tell of it.

usage: demo_client.py URL ready|equip|flows|speed N|summary EXERCISE-LOG      exit 1: no
"""
import datetime
import http.cookies
import json
import pathlib
import re
import sys
import urllib.error
import urllib.request

PASSWORD = "only-an-exercise-120"  # as in scenario/people.csv
FLOWING_INCIDENTS = 2
# Assumptions. Without them nobody could be sent to whoever needs more than the advanced life support that all of them carry.
EQUIPMENT = {"sah-1": ["physician", "ventilator"], "gar-1": ["physician", "bariatric"], "ost-1": ["neonatal", "isolation"]}
STUCK_AFTER = datetime.timedelta(hours=4)  # of the drill's time


class Client:
    def __init__(self, url, name):
        self.url, self.headers = url, {"Mingdi-Drill": "1", "Content-Type": "application/json"}
        made = self.ask("POST", "/session", {"name": name, "password": PASSWORD})
        self.headers["X-CSRF-Token"] = made["csrf"]

    def ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + "/api/v1" + path, data, self.headers, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            cookie = http.cookies.SimpleCookie(answer.headers.get("Set-Cookie", ""))
            if "mingdi_drill_session" in cookie:
                self.headers["Cookie"] = f"mingdi_drill_session={cookie['mingdi_drill_session'].value}"
            text = answer.read()
            return json.loads(text) if text else None

    def all(self, path):
        items, after = [], 0
        while after is not None:
            page = self.ask("GET", f"{path}{'&' if '?' in path else '?'}limit=500&after={after}")
            items += page["items"]
            after = page["next"]
        return items


def equip(client):
    for unit in client.all("/units?"):
        more = EQUIPMENT.get(unit["code"], [])
        if more:
            changed = {"unit": unit["id"], "revision": unit["revision"], "post": unit["post"],
                       "skills": unit["skills"] + more, "retired": 0}
            client.ask("POST", "/commands/unit_change", changed)


def instant(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def stuck(client, now):
    """Incidents that have been open for long though no crew works on them and none waits for a unit."""
    working = {mission["incident"] for mission in client.all("/missions?open=true")}
    old = [i for i in client.all("/incidents?open=true") if now - instant(i["opened_at"]) > STUCK_AFTER]
    return [i for i in old if i["id"] not in working and i["state"] != "queued"]


def summary(url, log):
    client = Client(url, "karin")
    now = instant(client.ask("GET", "/centre")["now"])
    calls = client.all("/reports/calls?from=2000-01-01T00:00:00Z&to=2100-01-01T00:00:00Z")
    served = [c for c in calls if c["result"] == "served" and c["at"]["on_scene"]]
    took_s = [(instant(c["at"]["on_scene"]) - instant(c["at"]["call_offered"])).total_seconds() for c in served]
    told = re.findall(r"exercise: (\d+) calls rung, .* (\d+) commands, (\d+) refused", pathlib.Path(log).read_text())
    rung, commands, refused = told[-1] if told else (0, 0, 0)
    print(f"\n{rung} calls rung, {len(calls)} of them over, {len(served)} served by a unit, "
          f"{commands} commands of the exercise, {refused} refused")
    if took_s:
        print(f"mean response, from the ring to the scene: {sum(took_s) / len(took_s):.0f} s")
    lost = stuck(client, now)
    for incident in lost:
        print(f"demo: incident {incident['id']} is {incident['state']} since {incident['opened_at']}, and nobody works on it")
    return 1 if lost or not int(rung) else 0


def main(url, what, *words):
    if what == "summary":
        return summary(url, *words)
    try:
        if what == "ready":
            urllib.request.urlopen(url + "/readyz", timeout=5).close()
            return 0
        if what == "equip":
            equip(Client(url, "admin"))
            return 0
        client = Client(url, "karin")
        if what == "flows":
            return 0 if len(client.ask("GET", "/incidents")["items"]) >= FLOWING_INCIDENTS else 1
        client.ask("PUT", "/drill/speed", {"speed": int(words[0])})
    except (urllib.error.URLError, OSError):
        return 1
    return 0


sys.exit(main(*sys.argv[1:]))
