#!/usr/bin/env python3
"""Paper: the board of a centre that works and of one that was killed, what is in it and what not; forms and their numbers."""
import html.parser
import re

from centre import Centre, main, run

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
        assert {name for name, _ in attributes} <= {"class", "lang", "charset", "http-equiv", "content", "width"}, attributes
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
    ward.command("beds_set", {"facility": 1, "kind": "icu", "available": 3, "occupied": 9, "blocked": 0, "converting": 0})
    ward.command("facility_report", {"facility": 1, "what": "divert", "until": None, "cause": "staff"})
    return incident


def holds_the_work(page, personal):
    assert "Severe" in page.text and "Notified" in page.text and "Diverting: Not enough staff" in page.text, page.text
    assert "ICU 3 free, 9 taken" in page.text, page.text
    assert "139 0000 0000 / channel 3" in page.text and "Police" in page.text, page.text
    assert (NUMBER in page.text) == personal and (ADDRESS in page.text) == personal, page.text
    assert ("without personal data" in page.text) == (not personal) and ("shred it" in page.text) == personal
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
    numbers = set()
    for count, language in ((1, "en"), (3, "zh")):
        folder = centre.folder / f"forms{count}"
        words = ["--without-personal", "--only", "forms", "--forms", str(count), "--language", language, "--to", str(folder)]
        run("paper", "print", "--data", str(centre.data), *words)
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
        assert not numbers & set(found)
        numbers |= set(found)
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
    main([paper])
