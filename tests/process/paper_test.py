#!/usr/bin/env python3
"""Paper: the board of a centre that works and of one that was killed, what is in it and what not; forms and their numbers."""
import datetime
import html.parser
import re
import zoneinfo

from centre import Centre, main, run, until

ADDRESS = "<b>Rose Lane 5</b> & \"'"
NUMBER = "13800001234"


class Page(html.parser.HTMLParser):
    """Everything that is opened is closed, in order; nothing but these elements, nothing that runs or is fetched."""

    ALLOWED = set("html head meta title style body section header footer b span h2 p".split())
    ALLOWED |= set("table colgroup col thead tbody tr th td".split())
    EMPTY = {"meta", "col"}

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.stack, self.cells, self.texts, self.pages = [], [], [], 0
        self.feed(text)
        self.close()
        assert not self.stack, self.stack

    def handle_starttag(self, tag, attributes):
        assert tag in self.ALLOWED, tag
        known = {"class", "lang", "charset", "http-equiv", "content", "width", "colspan"}
        assert {name for name, _ in attributes} <= known | {"style"}, attributes
        assert all(re.fullmatch(r"height:\d+\.\dmm", value) for name, value in attributes if name == "style"), attributes
        self.pages += tag == "section"
        if tag not in self.EMPTY:
            self.stack.append(tag)

    def handle_endtag(self, tag):
        assert self.stack.pop() == tag, tag

    def handle_data(self, data):
        if self.stack and self.stack[-1] != "style":
            self.texts.append(data)

    @property
    def text(self):
        return "\n".join(self.texts)


def read(folder, name):
    page = Page((folder / name).read_text(encoding="utf-8"))
    told = re.findall(r"page (\d+) of (\d+)|第 (\d+) 页，共 (\d+) 页", page.text)
    assert [int(a or c) for a, _, c, _ in told] == list(range(1, page.pages + 1)), told
    assert {int(b or d) for _, b, _, d in told} == {page.pages}, told
    return page


def work(centre):
    """A call that rings, and one whose unit is on its way."""
    wang, li, crew, ward = (centre.person(name) for name in ("wang", "li", "crew1", "ward"))
    answer = wang.ask("POST", "/calls", {"number": NUMBER, "name": "Lu", "home": "", "remarks": ADDRESS})
    assert answer.status == 201, answer
    first = centre.client("gateway").command("call_offer", {"external": 7}).json["made"]
    wang.command("call_answer", {"call": first, "seat": 1})
    wang.command("call_locate", {"call": first, "point": {"lon": 11.9689, "lat": 57.7041}, "district": 1})
    triage = {"call": first, "needs": ["basic"], "priority": "severe", "units_wanted": 1}
    incident = wang.command("call_triage", triage).json["made"]
    crew.command("unit_report", {"unit": 1, "what": "start_shift"})
    mission = li.command("unit_assign", {"incident": incident, "unit": 1, "override": "local_knowledge"}).json["made"]
    crew.command("mission_report", {"mission": mission, "stage": "notify"})
    # far from every road, so that the place has no name
    crew.command("unit_position", {"unit": 1, "point": {"lon": 12.50126, "lat": 57.90638}})
    ward.command("beds_set", {"facility": 1, "kind": "icu", "available": 3, "occupied": 9, "blocked": 0, "converting": 0})
    ward.command("facility_report", {"facility": 1, "what": "divert", "until": None, "cause": "staff"})
    return incident


def holds_the_work(page, personal):
    assert "Severe" in page.text and "Notified" in page.text and "Diverting: Not enough staff" in page.text, page.text
    assert "ICU 3 free, 9 taken" in page.text, page.text
    assert "139 0000 0000 / channel 3" in page.text and "Police" in page.text, page.text
    assert (NUMBER in page.text) == personal and (ADDRESS in page.text) == personal, page.text
    assert ("without personal data" in page.text) == (not personal) and ("shred it" in page.text) == personal
    assert ("(12.5013, 57.9064)" in page.text) == personal and ("(12.501, 57.906)" in page.text) == (not personal), page.text
    assert ("11.96890, 57.70410" in page.text) == personal and ("11.968, 57.704)" in page.text) == (not personal), page.text


def the_board(centre):
    work(centre)
    telephones = centre.folder / "telephones.csv"
    telephones.write_text("kind,code,name,telephone,radio\nunit,u1,,139 0000 0000,channel 3\nother,110,Police,110,\n")
    (centre.data / "telephones.csv").write_text(telephones.read_text())
    token = centre.folder / "token"
    token.write_text(centre.tokens["duty_commander"] + "\n")
    asked = ["paper", "print", "--centre", f"http://127.0.0.1:{centre.port}", "--token-file", str(token), "--language", "en"]
    run(*asked, "--telephones", str(telephones), "--to", str(centre.folder / "asked"))
    holds_the_work(read(centre.folder / "asked", "board.html"), True)
    assert (centre.folder / "asked" / "board.html").stat().st_mode & 0o077 == 0
    offline = ["paper", "print", "--data", str(centre.data), "--language", "en"]
    beside = run(*offline, "--to", str(centre.folder / "refused"), check=False)
    assert beside.returncode == 1 and "--without-personal" in beside.stderr, beside
    run(*offline, "--without-personal", "--only", "board", "--to", str(centre.folder / "beside"))
    holds_the_work(read(centre.folder / "beside", "board.html"), False)
    assert not (centre.folder / "beside" / "forms.html").exists()
    centre.kill()
    run(*offline, "--to", str(centre.folder / "dead"))
    dead = read(centre.folder / "dead", "board.html")
    holds_the_work(dead, True)
    chinese = centre.folder / "chinese"
    run(*offline[:-2], "--to", str(chinese), "--only", "board")
    page = read(chinese, "board.html")
    assert "危重" in page.text and "指令已送达" in page.text and "重症床 空 3，占 9" in page.text, page.text
    centre.start()
    rows = centre.person("audit").ask("GET", "/audit?limit=500").json["items"]
    printed = [row for row in rows if row["what"] == "board printed"]
    assert [row["detail"] for row in printed] == ["1 callers of open calls"] * 2, rows


def the_forms(centre):
    for count, language in ((1, "en"), (3, "zh")):
        folder = centre.folder / f"forms{count}"
        words = ["--without-personal", "--only", "forms", "--forms", str(count), "--language", language, "--to", str(folder)]
        before = datetime.datetime.now(zoneinfo.ZoneInfo("Asia/Shanghai")).replace(microsecond=0)
        run("paper", "print", "--data", str(centre.data), *words)
        seconds = int(utc(0).timestamp() - before.timestamp())
        page = read(folder, "forms.html")
        found = re.findall(r"\d{6}-\d{3}-\d{4}-\d{2}", page.text)
        assert all(int(number.replace("-", "")) % 97 == 1 for number in found), found
        # Each stands once in the register and once on its form; a form is one page.
        calls, slips, logs, alerts, boards = count, count + count // 2, 3 + 4, (count + 1) // 2, 1
        assert len(set(found)) == calls + slips + logs + alerts + boards, found
        assert len(found) == 2 * len(set(found)), found
        assert page.pages == len(set(found)) + 1, page.pages
        serials = sorted(int(number[11:15]) for number in set(found))
        assert serials == list(range(1, len(serials) + 1)), serials
        moments = [before + datetime.timedelta(seconds=later) for later in range(seconds + 1)]
        runs = {f"{at:%y%m%d}-{(at.hour * 3600 + at.minute * 60 + at.second) * 1000 // 86400:03}" for at in moments}
        assert len({number[:10] for number in found}) == 1 and found[0][:10] in runs, (found[0], runs)
        assert ("medical director" in page.text) == (language == "en")
        assert ("医疗主任" in page.text) == (language == "zh")


def wrong_words(centre):
    for words, told in (([], "say --data DIR"), (["--centre", "http://127.0.0.1:1"], "--token-file"),
                        (["--data", "x", "--centre", "y"], "say --data DIR")):
        done = run("paper", "print", "--to", str(centre.folder / "no"), *words, check=False)
        assert done.returncode == 2 and told in done.stderr, done
    table = centre.folder / "wrong.csv"
    table.write_text("kind,code,telephone\nship,1,2\n")
    done = run("paper", "print", "--data", str(centre.data), "--without-personal", "--telephones", str(table), "--to",
               str(centre.folder / "no"), check=False)
    assert done.returncode == 1 and "wrong.csv:2: kind must be" in done.stderr, done
    assert not (centre.folder / "no").exists()


def utc(seconds_ago):
    return datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=seconds_ago)


def number(serial):
    """Form of the run 261122-407, by the arithmetic of its own standard: 98 less the rest."""
    body = 2611224070000 + serial
    return body * 100 + 98 - body * 100 % 97


TABLE = """form,result,rang,answered,located,decided,recognised,lon,lat,district,priority,needs,units,outcome,\
same_as,number,remarks,\
unit,taken_to,sent,departed,on_scene,left_scene,at_hospital,handed_over,available,ended
{one},,{rang},{answered},,{decided},,11.9689,57.7041,all,critical,basic advanced,2,,,{caller},{remarks},\
u2,hospital,{sent},,{there},{away},{door},{over},{free},
{one},,,,,,,,,,,,,,,,,u3,,{sent},,,,,,{there},cancelled
{two},linked,{answered},{decided},,,,,,,,,,,{one},,,,,,,,,,,,
{three},no_unit,{answered},{decided},,,,,,,,,,advice,,,,,,,,,,,,,
{four},hung_up,{rang},,,,,,,,,,,,,,,,,,,,,,,,
"""


def table_of(centre, minutes):
    """Times of day in the centre's zone, minutes after the call rang."""
    zone = zoneinfo.ZoneInfo("Asia/Shanghai")
    rang = utc(7200).replace(microsecond=0)
    times = {name: (rang + datetime.timedelta(minutes=after)).astimezone(zone).strftime("%H%M%S")
             for name, after in minutes.items()}
    forms = {name: number(serial) for name, serial in (("one", 1), ("two", 2), ("three", 3), ("four", 4))}
    path = centre.folder / "forms.csv"
    path.write_text(TABLE.format(caller=NUMBER, remarks="second floor", **times, **forms))
    return path, rang


MINUTES = {"rang": 0, "answered": 1, "decided": 2, "sent": 3, "there": 12, "away": 20, "door": 30, "over": 40, "free": 45}


def figures(centre):
    period = f"from={utc(90000):%Y-%m-%dT%H:%M:%SZ}&to={utc(-60):%Y-%m-%dT%H:%M:%SZ}"
    answer = centre.person("review").ask("GET", f"/indicators?{period}")
    assert answer.status == 200, answer
    return answer.json


def afterwards():
    """Forms from a table: counted by their own times, once each, and nothing that goes on is touched."""
    centre = Centre().make(tokens=("gateway", "call_taker", "dispatcher")).start()
    try:
        work(centre)
        units = centre.client("dispatcher").ask("GET", "/units").json["items"]
        path, rang = table_of(centre, MINUTES)
        tokens = {}
        for role in ("call_taker", "dispatcher"):
            tokens[role] = centre.folder / role
            tokens[role].write_text(centre.tokens[role] + "\n")
        words = ["paper", "enter", str(path), "--centre", f"http://127.0.0.1:{centre.port}",
                 "--to", f"{utc(60):%Y-%m-%dT%H:%M:%SZ}",
                 "--from", f"{rang - datetime.timedelta(minutes=5):%Y-%m-%dT%H:%M:%SZ}", "--token-file"]
        refused = run(*words, str(tokens["dispatcher"]), check=False)
        assert refused.returncode == 1 and "refused 1" in refused.stdout, refused
        done = run(*words, str(tokens["call_taker"]))
        assert "entered 4, entered already 0, refused 0" in done.stdout, done
        again = run(*words, str(tokens["call_taker"]))
        assert "entered 0, entered already 4, refused 0" in again.stdout, again
        calls = re.findall(r"-000(\d)-\d\d  call (\d+)\n", done.stdout)
        assert len(calls) == 4, done
        assert re.findall(r"-000(\d)-\d\d  entered already: call (\d+), at 20\d\d-", again.stdout) == calls, (done, again)
        the_case(centre, int(re.search(r"-0001-\d\d  call (\d+)", done.stdout).group(1)), rang)
        until(lambda: figures(centre)["calls"]["all"] == 4, "the rows of the report")
        the_figures(figures(centre))
        now = centre.client("dispatcher").ask("GET", "/units").json["items"]
        shown = lambda items: [(unit["state"], unit["mission"], unit["revision"]) for unit in items]
        assert shown(now) == shown(units), (now, units)
        what_is_refused(centre, rang)
        tables_that_are_wrong(centre, rang, tokens["call_taker"])
        lines_that_stand_apart(centre, rang, tokens["call_taker"])
        assert centre.stop() == 0
        verified = run("journal", "verify", str(centre.data))
        assert verified.returncode == 0, verified
        assert run("replay", str(centre.data), "--verify").returncode == 0
    finally:
        centre.remove()


def the_case(centre, call, rang):
    taker = centre.person("wang")
    shown = taker.ask("GET", f"/calls/{call}").json
    assert shown["form"] == number(1) and shown["state"] == "triaged" and shown["has_caller"], shown
    assert shown["offered_at"].startswith(f"{rang:%Y-%m-%dT%H:%M:%S}"), (shown, rang)
    caller = taker.ask("GET", f"/calls/{call}/caller").json
    assert caller["number"] == NUMBER and caller["remarks"] == "second floor", caller
    incident = taker.ask("GET", f"/incidents/{shown['incident']}").json
    assert incident["state"] == "closed" and incident["outcome"] == "transported", incident
    linked = [c for c in taker.ask("GET", f"/calls?incident={shown['incident']}").json["items"] if c["id"] != call]
    assert [c["state"] for c in linked] == ["linked"], linked
    story = centre.person("review").ask("GET", f"/incidents/{shown['incident']}/history").json
    assert [e["event"] for entry in story["items"] for e in entry["events"]] == ["paper_entered"] * 2, story


def the_figures(told):
    """Four cases; of the one that a unit reached, twelve minutes from the ring to the scene, nine from the order to it."""
    counts = {"all": 4, "afterwards": 4, "served": 1, "linked": 1, "no_unit": 1, "lost": 1}
    assert told["calls"] == {**told["calls"], **counts}, told["calls"]
    intervals = {interval["name"]: interval for interval in told["intervals"]}
    response, handover, turnout = intervals["response"], intervals["handover"], intervals["turnout"]
    assert (response["n"], response["afterwards"], response["mean_s"]) == (1, 1, 720), response
    assert (handover["n"], handover["afterwards"], handover["mean_s"]) == (1, 1, 600), handover
    assert (turnout["n"], turnout["missing"]) == (0, 1), turnout  # nobody noted when it departed
    assert (intervals["answer"]["n"], intervals["answer"]["afterwards"]) == (3, 3), intervals["answer"]
    critical = next(p for p in response["priorities"] if p["priority"] == "critical")
    assert critical["n"] == 1 and next(d for d in response["districts"] if d["district"] == 1)["n"] == 1, response


def tables_that_are_wrong(centre, rang, token):
    """Line and column of what cannot be meant."""
    zone = zoneinfo.ZoneInfo("Asia/Shanghai")
    clock = lambda minutes: (rang + datetime.timedelta(minutes=minutes)).astimezone(zone).strftime("%H:%M")
    for head, row, told in (
            ("form,rang", f"{number(5)},{clock(1)}", ":2: priority: "), ("form,rang", "261122-407-0005-11,", ":2: form: "),
            ("form,priority,rang,answered", f"{number(5)},urgent,{clock(10)},{clock(5)}", ":2: answered: earlier than the time"),
            ("form,priority,rang", f"{number(5)},urgent,25:00", ":2: rang: expected a time"),
            ("form,priority,rang,unit", f"{number(5)},urgent,{clock(1)},u9", ":2: unit: the centre knows no such code"),
            ("form,priority", f"{number(5)},urgent", ":2: rang: when it rang must be said"),
            ("form,colour", f"{number(5)},red", "colour")):
        done = entered(centre, rang, token, head, row)
        assert done.returncode == 1 and told in done.stderr and "entered 0," in done.stdout, (told, done)


def entered(centre, rang, token, *lines):
    path = centre.folder / "wrong.csv"
    path.write_text("\n".join(lines) + "\n")
    return run("paper", "enter", str(path), "--centre", f"http://127.0.0.1:{centre.port}", "--token-file", str(token),
               "--from", f"{rang:%Y-%m-%dT%H:%M:%SZ}", "--to", f"{utc(60):%Y-%m-%dT%H:%M:%SZ}", check=False)


def lines_that_stand_apart(centre, rang, token):
    """A number that comes again after another one, or that is none, is found before anything is entered; what else is wrong in
    a form leaves those before it in."""
    taker = centre.person("wang")
    is_in = lambda serial: len(taker.ask("GET", f"/calls?form={number(serial)}").json["items"])
    clock = f"{rang + datetime.timedelta(minutes=1):%Y-%m-%dT%H:%M:%SZ}"
    head, five, six = "form,result,rang", f"{number(5)},no_unit,{clock}", f"{number(6)},no_unit,{clock}"
    for last, told in ((f"{number(5)},,", ":4: form: 261122-407-0005-"),
                       ("261122407000811,no_unit,", ":4: form: that is no number")):
        done = entered(centre, rang, token, head, five, six, last)
        assert done.returncode == 1 and told in done.stderr and "entered 0," in done.stdout, done
        assert ("stands in line 2 too" in done.stderr) == last.startswith(str(number(5))), done
        assert is_in(5) == is_in(6) == 0
    done = entered(centre, rang, token, head, five, f"{number(6)},no_unit,25:00")
    assert done.returncode == 1 and ":3: rang: expected a time" in done.stderr and "entered 1," in done.stdout, done
    assert (is_in(5), is_in(6)) == (1, 0)


def what_is_refused(centre, rang):
    """One thing wrong at a time, told by name."""
    taker = centre.person("wang")
    stamp = lambda after: f"{rang + datetime.timedelta(minutes=after):%Y-%m-%dT%H:%M:%SZ}"
    good = {"form": number(9), "outage_begun_at": stamp(-5), "outage_ended_at": stamp(60), "result": "incident",
            "occurred_at": stamp(0), "answered_at": stamp(1), "needs": [], "priority": "urgent", "units_wanted": 1,
            "place": {"lon": 11.9689, "lat": 57.7041}, "items": [{"unit": 3, "assigned_at": stamp(50), "on_scene_at": stamp(55)}]}
    for change, problem in (({"form": number(9) + 1}, "form_invalid"), ({"form": number(1)}, "form_entered"),
                            ({"occurred_at": stamp(-6)}, "outside_outage"), ({"answered_at": stamp(-1)}, "times_out_of_order"),
                            ({"answered_at": f"{utc(-3600):%Y-%m-%dT%H:%M:%SZ}"}, "occurred_in_future"),
                            ({"place": None}, "malformed"),
                            ({"items": [{"unit": 99}]}, "unknown_unit"), ({"caller_data": {"nam": "x"}}, "malformed"),
                            ({"caller": "1"}, "malformed"),
                            ({"items": [{"unit": 2, "assigned_at": stamp(15), "on_scene_at": stamp(16)}]}, "unit_was_elsewhere")):
        answer = taker.ask("POST", "/paper", {**good, **change})
        assert answer.status >= 400 and answer.json["name"] == problem, (change, answer)
    answer = taker.ask("POST", "/paper", good)
    assert answer.status == 201 and answer.headers["Location"] == f"/api/v1/calls/{answer.json['made']}", answer


def paper():
    centre = Centre().make(tokens=("gateway", "duty_commander")).start()
    try:
        the_board(centre)
        the_forms(centre)
        wrong_words(centre)
        assert centre.stop() == 0
    finally:
        centre.remove()


if __name__ == "__main__":
    main([paper, afterwards])
