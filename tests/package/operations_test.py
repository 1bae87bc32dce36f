#!/usr/bin/env python3
"""Every block of commands of the operator's pages, as it stands there, by the pages that are in the package, on machines with
the package installed (machines.py): a centre alone through its life, two machines with PostgreSQL of which one loses its power,
a province, and PostgreSQL as it was at a moment. What the pages call yours is said here.

    tests/package/operations_test.py BUILD [STORY...]

BUILD is the folder of the program, with the console; 77 where machines cannot be made.
"""
import datetime
import json
import pathlib
import re
import shutil
import subprocess
import sys
import time

import machines
from blocks import tested

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TOWN = ROOT / "tests" / "cli" / "town"
PAGES = ("operations", "export", "paper")
WAIT_S = 120
ADDRESS = "http://127.0.0.1:8120"
# Of the machine that runs the test nobody knows these.
MACHINE = {"memory", "disk", "sync", "clock", "descriptors", "zone"}


def until(condition, what):
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"never came: {what}")


class Pages:
    """The pages of the package, and which of their blocks were run."""

    def __init__(self, folder):
        self.blocks, self.ran = {}, set()
        for name in PAGES:
            self.blocks.update(tested((folder / f"{name}.md").read_text()))

    def run(self, machine, name, expected=(0,), **yours):
        begun = time.monotonic()
        self.ran.add(name)
        said = machine.run(self.blocks[name], expected, **yours)
        print(f"# {machine.name}: {name}: {time.monotonic() - begun:.1f} s", flush=True)
        return said


# ---------------------------------------------------------------- what is asked of a centre

def token_of(printed, name):
    return re.search(rf"\b{name}\b.*?(mgd_[\w-]+)", printed).group(1)


def offer(machine, token, number):
    """A call that the exchange offers; which call it is, the same however often it is offered."""
    said = json.loads(machine.run(
        f"curl -sS --fail --retry 60 --retry-delay 1 -H 'Authorization: Bearer {token}' -H 'Idempotency-Key: call-{number}' "
        f"-H 'Content-Type: application/json' -d '{{\"external\": {number}}}' {ADDRESS}/api/v1/commands/call_offer"))
    return said["sequence"], said["made"]


def readyz(machine):
    return json.loads(machine.run(f"curl -s --retry 60 --retry-delay 1 --fail {ADDRESS}/readyz"))


def entries(machine, journal):
    return int(json.loads(machine.run(f"mingdi journal verify {journal}"))["entries"])


# ---------------------------------------------------------------- a centre alone

def alone(switch, page, packages):
    machine = switch.machine("alone")
    page.run(machine, "bare")
    old, new = packages
    shutil.copy(old, machine.path("srv/mingdi_0.0.1_old.deb"))
    page.run(machine, "install")
    assert version(machine) == "0.0.1"
    begin(page, machine)
    paper_and_export(page, machine)
    page.run(machine, "backup")
    restored(page, machine)
    doctor(page, machine)
    machine.path("srv/mingdi_0.0.1_old.deb").unlink()
    shutil.copy(new, machine.path("srv"))
    page.run(machine, "upgrade")
    assert version(machine) != "0.0.1" and readyz(machine)["ready"]
    page.run(machine, "lost")
    assert readyz(machine)["ready"]
    drill(page, machine)
    services(page, machine)
    others = machine.run("find /var/lib/mingdi /var/backups/mingdi ! -user mingdi")
    assert not others, others


def version(machine):
    return machine.run("dpkg-query --show mingdi").split()[1]


def begin(page, machine):
    """The setup of a town, its roads as OpenStreetMap has them."""
    shutil.copytree(TOWN / "scenario", machine.path("srv/setup"))
    machine.path("srv/setup/people.csv").write_text("name,role\nreview,quality_reviewer\n")
    machine.path("srv/town.osm").write_text(as_openstreetmap(json.loads((TOWN / "roads.geojson").read_text())))
    printed = page.run(machine, "make", MAP="/srv/town.osm", SETUP="/srv/setup", ADMIN="chief")
    machine.tokens = {name: token_of(printed, name) for name in ("exchange", "vehicles", "forms")}
    page.run(machine, "serve")
    offer(machine, machine.tokens["exchange"], 1)


def as_openstreetmap(roads):
    nodes, ways = {}, []
    for feature in roads["features"]:
        places = [nodes.setdefault(tuple(place), len(nodes) + 1) for place in feature["geometry"]["coordinates"]]
        tags = "".join(f'<tag k="{k}" v="{v}"/>' for k, v in feature["properties"].items() if not k.startswith("@"))
        ways.append(f'<way id="{len(ways) + 1}">' + "".join(f'<nd ref="{n}"/>' for n in places) + f"{tags}</way>")
    points = "".join(f'<node id="{n}" lat="{lat}" lon="{lon}"/>' for (lon, lat), n in nodes.items())
    return f'<osm version="0.6">{points}{"".join(ways)}</osm>'


def paper_and_export(page, machine):
    """Of the last day; a form of an hour ago."""
    now = datetime.datetime.now().astimezone()
    hours_ago = lambda count: (now - datetime.timedelta(hours=count)).isoformat(timespec="seconds")
    body = 2611224070001  # its last two digits are 98 less the rest of the others by 97
    machine.path("srv/forms.csv").write_text(f"form,result,rang\n{body * 100 + 98 - body * 100 % 97},no_unit,{hours_ago(1)}\n")
    machine.path("srv/paper.token").write_text(machine.tokens["forms"])
    told = page.run(machine, "paper", FORMS="/srv/forms.csv", FROM=hours_ago(2), TO=hours_ago(0), TOKEN="/srv/paper.token")
    assert "entered 1," in told, told
    page.run(machine, "export", FROM=hours_ago(24), TO=hours_ago(0), NAME="review")
    assert machine.path("var/tmp/spring/report.json").exists()


def restored(page, machine):
    """Two copies of today, one of a moment before a call, one of a certain backup."""
    page.run(machine, "restore")
    before = entries(machine, "/var/lib/mingdi")
    moment = until(lambda: after_this_second(machine), "the next second")
    offer(machine, machine.tokens["exchange"], 2)
    machine.run("runuser -u mingdi -- mingdi backup --data /var/lib/mingdi --add")
    backup = machine.run("ls -d /var/backups/mingdi/backup-*").split()[-1]
    page.run(machine, "moment", MOMENT=moment, BACKUP=backup)
    # Beside the calls the centre writes of itself, such as that a call rings too long.
    assert before <= entries(machine, "/var/tmp/before") < entries(machine, "/var/tmp/look"), "not as it was at the moment"


def after_this_second(machine):
    """A moment of whole seconds that is over, and after everything until now."""
    now = time.time()
    until(lambda: time.time() >= int(now) + 2, "the clock")
    return machine.run(f"date --date @{int(now) + 1} +%Y-%m-%dT%H:%M:%S%:z").strip()


def doctor(page, machine):
    told = page.run(machine, "doctor", expected=(0, 1))
    failed = re.findall(r"^fail\s+(\w+)", told, re.M)
    assert set(failed) <= MACHINE, told
    assert {"configuration", "key", "journal", "backup"} <= set(re.findall(r"^ok\s+(\w+)", told, re.M)), told


def drill(page, machine):
    for _ in range(2):
        page.run(machine, "drill", SETUP="/srv/setup", ADMIN="chief")
        said = json.loads(machine.run("curl -s --retry 60 --retry-delay 1 --retry-connrefused -f http://127.0.0.1:8121/readyz"))
        assert said["ready"], said
        page.run(machine, "again")
        machine.run("rm -r /var/lib/mingdi/drill.done")


def services(page, machine):
    """Each runs as its unit says: the nightly backup and the board have been made, a terminal can connect."""
    machine.path("etc/mingdi/vehicles.token").write_text(machine.tokens["vehicles"])
    machine.path("etc/mingdi/mqtt.password").write_text("no broker is there")
    said = page.run(machine, "services")
    assert "listening" in said or "http://" in said, said
    assert len(machine.run("ls -d /var/backups/mingdi/backup-*").split()) >= 3
    assert machine.run("ls /var/lib/mingdi/paper").split()
    machine.run("bash -c 'until </dev/tcp/127.0.0.1/6808; do sleep 0.1; done'")
    for name in ("mingdi-backup-follow", "mingdi-gateway-jt808", "mingdi-gateway-mqtt", "mingdi"):
        machine.run(f"systemctl stop {name}")


# ---------------------------------------------------------------- two machines, and PostgreSQL on a third

class Pair:
    def __init__(self, switch, page, base):
        self.page, self.password = page, "nobody will guess 2026"
        for name in ("db", "one", "two", "province"):
            switch.address(name)
        self.db, self.one, self.two = (switch.machine(name, over=base) for name in ("db", "one", "two"))
        self.store = "postgres://mingdi@db/mingdi"

    def begin(self):
        self.db.run("make-ssl-cert generate-default-snakeoil")
        self.db.run("pg_createcluster 15 main --port 5432 --locale C.UTF-8 --start -- --no-sync")
        self.page.run(self.db, "database", NETWORK=f"{machines.NETWORK}.0/24", PASSWORD=self.password)
        shutil.copytree(TOWN / "scenario", self.one.path("srv/setup"))
        with open(self.one.path("etc/mingdi/services.env"), "a") as services:
            services.write("MINGDI_SET_LEASE_MS=8000\n")  # a machine that is busy with other tests is no dead one
        self.one.run(f"mingdi city import --geojson {'/usr/share/mingdi/examples/town'}/roads.geojson -o /srv/setup/city.mingdi")
        printed = self.page.run(self.one, "first", PASSWORD=self.password, STORE=self.store, SETUP="/srv/setup", ADMIN="chief")
        self.token = token_of(printed, "exchange")
        shutil.copy2(self.one.path("var/tmp/centre.tar"), self.two.path("var/tmp/centre.tar"))
        self.page.run(self.two, "second")
        self.expect(self.one, self.two)

    def look(self, machine):
        said = self.page.run(machine, "look", expected=(0, 7))
        return json.loads(said) if said else {}

    def expect(self, owner, other):
        def as_wanted():
            first, second = self.look(owner), self.look(other)
            owns = first.get("role") == "owner" and first["standbys"] == 1
            return owns and second.get("role") == "standby" and second["behind"] == 0
        until(as_wanted, f"{owner.name} owns the centre and {other.name} stands by")

    def takeover(self, machine):
        said = self.page.run(machine, "takeover", STORE=self.store)
        assert re.search(r"^mingdi_owner 1$", said, re.M) and re.search(r"^mingdi_takeovers_total [1-9]", said, re.M), said


def failover(switch, page, base):
    pair = Pair(switch, page, base)
    pair.begin()
    answers = {number: offer(pair.one, pair.token, number) for number in (1, 2)}
    pair.one.power_off()
    pair.takeover(pair.two)
    assert {number: offer(pair.two, pair.token, number) for number in (1, 2)} == answers, "not the answers of before"
    answers[3] = offer(pair.two, pair.token, 3)
    assert len(set(answers.values())) == 3, answers
    pair.one.power_on()
    page.run(pair.one, "return")
    pair.expect(pair.two, pair.one)
    page.run(pair.two, "handover")
    pair.takeover(pair.one)
    assert {number: offer(pair.one, pair.token, number) for number in answers} == answers, "not the answers of before"
    page.run(pair.two, "return")
    pair.expect(pair.one, pair.two)
    page.run(pair.two, "handover")
    as_it_was(pair)
    pair.one.end()
    pair.two.end()
    province(switch, pair, base)


def as_it_was(pair):
    """PostgreSQL at a moment between two calls."""
    base = pair.page.run(pair.db, "archive").split()[-1]
    readyz(pair.one)
    offer(pair.one, pair.token, 4)
    journal = "'postgres:///mingdi?host=/var/run/postgresql&port=5432'"
    ask = "runuser -u postgres -- psql -XAqt -c"
    before = until(lambda: int(pair.db.run(f"{ask} 'SELECT max(last_sequence) FROM mingdi.journal_group' mingdi")), "a journal")
    moment = pair.db.run(f"{ask} 'SELECT clock_timestamp()'").strip()
    offer(pair.one, pair.token, 5)
    last = pair.db.run(f"{ask} 'SELECT pg_walfile_name(pg_switch_wal())'").strip()
    until(lambda: pair.db.path(f"backup/wal/{last}").exists(), "the log in its archive")
    said = pair.page.run(pair.db, "then", MOMENT=moment, BASE=base)
    told = json.loads(said[said.index("{"):])
    whole = json.loads(pair.db.run(f"runuser -u postgres -- mingdi journal verify {journal}"))
    assert before <= told["entries"] < whole["entries"], (before, told, whole)
    pair.db.run("pg_ctlcluster 15 then stop")


def province(switch, pair, base):
    pair.db.run("echo 'hostssl province mingdi 10.0.0.0/24 scram-sha-256' >>/etc/postgresql/15/main/pg_hba.conf; "
                "pg_ctlcluster 15 main reload; runuser -u postgres -- createdb --owner mingdi --template template0 province")
    machine = switch.machine("province", over=base)
    machine.run('install -o mingdi -g mingdi -m 0600 /dev/null /var/lib/mingdi/.pgpass; '
                'echo "*:*:*:mingdi:$PASSWORD" >/var/lib/mingdi/.pgpass', PASSWORD=pair.password)
    shutil.copytree(TOWN / "scenario", machine.path("srv/setup"))
    machine.run("mingdi city import --geojson /usr/share/mingdi/examples/town/roads.geojson -o /srv/setup/city.mingdi")
    yours = {"PROVINCE": "postgres://mingdi@db/province", "SETUP": "/srv/setup", "ADMIN": "chief"}
    pair.page.run(machine, "centres", **yours)
    said = pair.page.run(machine, "region", **yours)
    assert "hangzhou" in said and "tong-lu" in said, said
    said = machine.run("systemd-analyze verify --man=no --recursive-errors=no mingdi.service 2>&1", expected=(0, 1))
    assert "mingdi" not in said, said
    for port in (8120, 8121):
        said = json.loads(machine.run(f"curl -s --retry 60 --retry-delay 1 --fail http://127.0.0.1:{port}/readyz"))
        assert said["role"] == "owner", said


def town(switch, page, base):
    machine = switch.machine("trial", over=base)
    page.run(machine, "town")
    page.run(machine, "serve")
    assert readyz(machine)["ready"]


# ---------------------------------------------------------------- all of it

def make_packages(build, work):
    """The package, and one that says it is older."""
    words = [ROOT / "tools" / "package", build, work / "new"]
    new = pathlib.Path(subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip())
    subprocess.run(["dpkg-deb", "-R", new, work / "old"], check=True)
    control = work / "old" / "DEBIAN" / "control"
    control.write_text(re.sub(r"(?m)^Version: .*", "Version: 0.0.1", control.read_text()))
    words = ["dpkg-deb", "--root-owner-group", "-Znone", "-b", work / "old", work / "old.deb"]
    subprocess.run(words, check=True, capture_output=True)
    return work / "old.deb", new


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    why = None if (build / "console" / "index.html").exists() else "no console beside the program: ./run build makes it"
    why = why or machines.missing()
    if why:
        print(f"skipped: {why}")
        return 77
    machines.enter()
    stories = sys.argv[2:] or ["alone", "town", "failover"]
    with machines.Switch() as switch:
        packages = make_packages(build, switch.work)
        base = switch.machine("base")
        shutil.copy(packages[1], base.path("srv/new.deb"))
        base.run("dpkg-deb --fsys-tarfile new.deb | tar -x -C / --keep-directory-symlink; dpkg-deb --control new.deb control; "
                 "sh control/postinst configure; rm -r new.deb control")
        page = Pages(base.path("usr/share/doc/mingdi"))
        base.end()
        if "alone" in stories:
            alone(switch, page, packages)
        if "town" in stories:
            town(switch, page, base)
        if "failover" in stories:
            failover(switch, page, base)
    left = set(page.blocks) - page.ran
    assert sys.argv[2:] or not left, f"not run: {left}"
    print(f"{len(page.ran)} blocks of {', '.join(PAGES)} were run as written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
