#!/usr/bin/env python3
"""What is in the Debian package: its fields, its files and their modes, and its units.

    tests/package/content_test.py BUILD      the folder of the program, with the console in BUILD/console; 77 without it
"""
import gzip
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
UNITS = ["mingdi.service", "mingdi-backup.service", "mingdi-backup-follow.service", "mingdi-backup.timer",
         "mingdi-gateway-jt808.service", "mingdi-gateway-mqtt.service", "mingdi-paper.service", "mingdi-paper.timer"]
FOLDERS = ("./etc/mingdi/", "./etc/nginx/sites-available/", "./lib/systemd/system/", "./usr/bin/",
           "./usr/share/bash-completion/completions/", "./usr/share/doc/mingdi/",
           "./usr/share/man/man1/", "./usr/share/man/man5/", "./usr/share/mingdi/")
SCRIPTS = "./usr/share/mingdi/postgresql/"
PROGRAMS = ["./usr/bin/mingdi", SCRIPTS + "archive-wal", SCRIPTS + "base-backup", SCRIPTS + "restore-to"]
EXPOSURE_MAX = 15  # tenths, of systemd's own measure: 0 is shut, 100 is open


def output(*words):
    return subprocess.run(words, check=True, capture_output=True, timeout=120).stdout


def make(build, folder):
    return pathlib.Path(output(ROOT / "tools" / "package", build, folder).decode().strip())


def fields_of(package):
    text = output("dpkg-deb", "--field", package).decode()
    return dict(line.split(": ", 1) for line in text.splitlines() if re.match(r"[A-Z][\w-]*: ", line))


def members_of(package):
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE) as process:
        with tarfile.open(fileobj=process.stdout, mode="r|") as archive:
            return {member.name: member for member in archive}


def check_fields(package, build):
    fields = fields_of(package)
    version = output(build / "mingdi", "version").decode().split()[1]
    assert fields["Version"].startswith(version + "+"), fields
    linked = set(re.findall(r"NEEDED\s+(\S+)", output("objdump", "-p", build / "mingdi").decode()))
    kind = output("dpkg-architecture", "-qDEB_HOST_MULTIARCH").decode().strip()
    for library in linked:
        found = output("dpkg-query", "-S", f"*/{kind}/{library}").decode().split(":")[0]
        assert re.search(rf"(^|, ){re.escape(found)}\b", fields["Depends"]), (library, found, fields["Depends"])


def check_members(package):
    members = members_of(package)
    for name, member in members.items():
        assert (member.uid, member.gid) == (0, 0), name
        assert member.isdir() or member.isfile(), f"{name}: neither a folder nor a file"
        assert member.mode == (0o755 if member.isdir() or name in PROGRAMS else 0o644), (name, oct(member.mode))
        assert member.isdir() or name.startswith(FOLDERS), f"{name}: not where the package may put a file"
    times = {member.mtime for member in members.values()}
    assert len(times) == 1, "files of several times"
    for unit in UNITS:
        assert f"./lib/systemd/system/{unit}" in members, unit


def check_files(tree, build):
    share = tree / "usr" / "share"
    assert (share / "mingdi/console/index.html").read_bytes() == (build / "console/index.html").read_bytes()
    for protocol in (ROOT / "protocols").glob("*.yaml"):
        assert (share / "mingdi/protocols" / protocol.name).read_bytes() == protocol.read_bytes(), protocol
    completion = (share / "bash-completion/completions/mingdi").read_bytes()
    assert completion == output(build / "mingdi", "completion", "bash")
    manual = gzip.decompress((share / "man/man1/mingdi.1.gz").read_bytes())
    assert manual == output(build / "mingdi", "help", "--man")
    settings = gzip.decompress((share / "man/man5/mingdi.yaml.5.gz").read_bytes())
    assert b"\nbehind_proxy: false" in settings
    for path in tree.rglob("*"):
        if path.is_file():
            assert bytes(ROOT) + b"/" not in path.read_bytes(), f"{path}: names a folder of this machine"


def check_components(package, tree, build, work):
    """The list of what it is made of: whole, and as its standard wants it."""
    listed = tree / "usr/share/doc/mingdi/mingdi.cdx.json"
    told = json.loads(listed.read_text())
    assert told["metadata"]["component"]["version"] == fields_of(package)["Version"], told["metadata"]
    named = {}
    for part in told["components"]:
        named.setdefault(part["properties"][0]["value"], set()).add(part["name"])
    wanted = set(re.findall(r"(?:^|, )([a-z0-9.+-]+)", fields_of(package)["Depends"]))
    assert named["beside"] == wanted, named["beside"] ^ wanted
    assert set(json.loads((ROOT / "web/package.json").read_text())["dependencies"]) <= named["inside"], named["inside"]
    # What the console's own map of its files names comes from these packages too.
    sources = set(re.findall(r'node_modules/((?:@[^/"]+/)?[^/"]+)/', (build / "console/chunks.json").read_text()))
    assert sources <= named["inside"], sources - named["inside"]
    validate(listed, work)


def validate(listed, work):
    check = ROOT / "tests/package/sbom/run"
    done = subprocess.run([check, listed, work], capture_output=True, text=True, timeout=300)
    print(done.stdout.strip())
    if done.returncode == 77:
        return
    assert done.returncode == 0, done
    wrong = work / "wrong.json"
    wrong.write_text(listed.read_text().replace('"id": "MIT"', '"id": "MIT-2"', 1))
    refused = subprocess.run([check, wrong, work], capture_output=True, timeout=300).returncode
    assert refused == 1, "the validator takes a licence that is none"


def check_control(package, folder):
    control = folder / "control"
    output("dpkg-deb", "--control", package, control)
    conffiles = (control / "conffiles").read_text().splitlines()
    assert conffiles == ["/etc/mingdi/services.env", "/etc/nginx/sites-available/mingdi"], conffiles
    for script in ("postinst", "prerm", "postrm"):
        output("sh", "-n", control / script)


def check_units(tree):
    """systemd's own reading of them, in a root that has the program where they say."""
    missing = shutil.which("systemd-analyze") is None
    assert not missing, "systemd-analyze is not here: install Debian's package systemd"
    kill = tree / "bin" / "kill"  # a program of the distribution's that they name
    kill.parent.mkdir()
    kill.touch(mode=0o755)
    for unit in UNITS:
        path = tree / "lib/systemd/system" / unit
        told = subprocess.run(["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", f"--root={tree}", unit],
                              capture_output=True, text=True, timeout=60)
        said = [line for line in (told.stdout + told.stderr).splitlines() if "mingdi" in line]
        assert not said, said
        if unit.endswith(".service"):
            output("systemd-analyze", "security", "--offline=true", "--no-pager", f"--threshold={EXPOSURE_MAX}", path)


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    if not (build / "console" / "index.html").exists():
        print("skipped: no console beside the program: ./run build makes it")
        return 77
    with tempfile.TemporaryDirectory(prefix="mingdi-package-") as name:
        folder = pathlib.Path(name)
        package = make(build, folder / "first")
        check_fields(package, build)
        check_members(package)
        tree = folder / "tree"
        output("dpkg-deb", "--extract", package, tree)
        check_files(tree, build)
        check_components(package, tree, build, build / "sbom-check")
        check_control(package, folder)
        check_units(tree)
        print(f"{package.name}: {package.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
