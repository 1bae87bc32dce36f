"""Machines for tests of what an operator does: roots, networks and processes of their own, on this machine and with its programs.

A root lies over this machine's one (overlayfs): what is written there is gone with the machine, and nothing is copied beforehand.
All live in name spaces of the test's own process, so that nothing of them is left however the test ends. Wants to be root.

    enter()                                    once, at the beginning: begins the program again in its own name spaces
    with Switch() as switch:
        base = switch.machine("base"); base.run("echo hello"); base.end()
        one = switch.machine("one", over=base)
        one.power_off(); one.power_on(); switch.unplug(one); switch.plug(one)

systemctl, journalctl and systemd-run are those of the file systemctl beside this one: systemd is not the first process there.
"""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
INSIDE = "MINGDI_TEST_INSIDE"
NETWORK = "10.0.0"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PYTHON = "/usr/bin/python3"  # the distribution's, which is there in every root
WAIT_S = 300
# The first process of a machine: it buries whoever has lost his parent, until the power goes.
FIRST_PROCESS = """
import os, signal
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
print("up", flush=True)
while True:
    signal.sigwait({signal.SIGCHLD})
    try:
        while os.waitpid(-1, os.WNOHANG)[0] != 0:
            pass
    except ChildProcessError:
        pass
"""


def output(*words, **options):
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True, timeout=WAIT_S, **options)
    if done.returncode != 0:
        raise OSError(f"{' '.join(map(str, words))}: {done.stdout}{done.stderr}")
    return done.stdout


def missing():
    """Why there can be no machines here, or None."""
    absent = [p for p in ("unshare", "nsenter", "ip", "mount", PYTHON) if not shutil.which(p)]
    if absent:
        return f"not on this machine: {', '.join(absent)}"
    if os.geteuid() != 0:
        return "only root can make machines"
    with tempfile.TemporaryDirectory() as work:
        tried = subprocess.run(["unshare", "--mount", "--net", "--pid", "--fork", "sh", "-euc",
                                'mount -t tmpfs tmpfs "$0"; mkdir "$0/u" "$0/w" "$0/r"; mount -t overlay overlay -o '
                                '"lowerdir=/,upperdir=$0/u,workdir=$0/w" "$0/r"; ip link add br0 type bridge', work],
                               capture_output=True, text=True)
    return f"no name spaces or no overlay: {tried.stderr.strip()}" if tried.returncode != 0 else None


def enter():
    """Begins the program again where it is alone; there it goes on."""
    if os.environ.get(INSIDE) != "1":
        os.environ[INSIDE] = "1"
        os.execvp("unshare", ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation",
                              "private", sys.executable, *sys.argv])


class Switch:
    """Joins the machines; they are 10.0.0.1 and so on, and know each other by name."""

    def __init__(self):
        self.work, self.machines, self.names = pathlib.Path(tempfile.mkdtemp(prefix="mingdi-machines-")), [], {}

    def __enter__(self):
        output("mount", "-t", "tmpfs", "tmpfs", self.work)
        output("ip", "link", "add", "br0", "type", "bridge")
        output("ip", "link", "set", "br0", "up")
        return self

    def __exit__(self, *_):
        for machine in reversed(self.machines):
            machine.end()
        output("umount", "--lazy", self.work)
        self.work.rmdir()

    def machine(self, name, over=None):
        self.machines.append(made := Machine(self, name, over))
        return made.power_on()

    def address(self, name):
        return self.names.setdefault(name, f"{NETWORK}.{len(self.names) + 1}")

    def plug(self, machine):
        output("ip", "link", "set", machine.cable, "up")

    def unplug(self, machine):
        output("ip", "link", "set", machine.cable, "down")


class Machine:
    def __init__(self, switch, name, over):
        self.switch, self.name, self.first, self.pid = switch, name, None, None
        self.address, self.folder, self.cable = switch.address(name), switch.work / name, f"to-{name}"[:15]
        self.layers = [self.folder / "layer", *(over.layers if over else [])]
        self.root, self.wanted = self.folder / "root", []
        for folder in ("layer", "work", "root"):
            (self.folder / folder).mkdir(parents=True)
        lower = ":".join(map(str, [*self.layers[1:], "/"]))
        self.mount("overlay", self.root, "-o", f"lowerdir={lower},upperdir={self.layers[0]},workdir={self.folder / 'work'}")
        if over is None:
            self.furnish()

    def mount(self, kind, where, *options):
        output("mount", "-t", kind, kind, where, *options)

    def furnish(self):
        """Nothing of what this machine has of its own: its databases, its centres, and what apt could fetch."""
        for name in ("systemctl", "journalctl", "systemd-run"):
            shutil.copy(HERE / "systemctl", self.root / "usr/local/bin" / name)
            (self.root / "usr/local/bin" / name).chmod(0o755)
        for path in ("etc/postgresql", "var/lib/postgresql", "etc/mingdi", "var/lib/mingdi", "var/backups/mingdi", "srv",
                     "var/lib/apt/lists"):
            shutil.rmtree(self.root / path, ignore_errors=True)
        (self.root / "srv").mkdir()
        (self.root / "etc/apt/apt.conf.d/99test").write_text('APT::Get::Assume-Yes "true";\nAPT::Install-Recommends "false";\n')

    # ---- power ----
    def power_on(self):
        """What is in memory only is empty then."""
        for path, mode in (("tmp", "1777"), ("run", "755")):
            self.mount("tmpfs", self.root / path, "-o", f"mode={mode}")
        output("mount", "--rbind", "/dev", self.root / "dev")
        self.mount("tmpfs", self.root / "dev/shm", "-o", "mode=1777")
        (self.root / "run/lock").mkdir()
        (self.root / "etc/hosts").write_text("127.0.0.1 localhost\n" + "".join(
            f"{address} {name}\n" for name, address in self.switch.names.items()))
        self.first = subprocess.Popen(
            ["unshare", "--mount", "--net", "--pid", "--uts", "--fork", "--kill-child", "--propagation", "private", "chroot",
             self.root, "/bin/sh", "-euc", 'mount -t proc proc /proc; hostname "$0"; exec "$@"', self.name, PYTHON, "-c",
             FIRST_PROCESS], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=open(self.folder / "first.log", "w"),
            text=True)
        if self.first.stdout.readline() != "up\n":
            raise OSError(f"{self.name} does not begin: {(self.folder / 'first.log').read_text()}")
        self.pid = int(pathlib.Path(f"/proc/{self.first.pid}/task/{self.first.pid}/children").read_text().split()[0])
        output("ip", "link", "add", self.cable, "type", "veth", "peer", "name", "eth0", "netns", self.pid)
        output("ip", "link", "set", self.cable, "master", "br0", "up")
        self.run(f"ip addr add {self.address}/24 dev eth0; ip link set eth0 up; ip link set lo up; "
                 "install -d -o postgres -g postgres -m 2775 /run/postgresql")
        return self

    def power_off(self):
        """As if its cable to the mains were pulled out: nothing is told beforehand."""
        os.kill(self.pid, signal.SIGKILL)
        self.first.wait(WAIT_S)
        self.first.stdout.close()
        for path in ("dev", "run", "tmp"):
            output("umount", "--recursive", "--lazy", self.root / path)
        self.first = None

    def end(self):
        if self.first:
            self.power_off()

    # ---- what an operator does there ----
    def run(self, script, expected=(0,), **variables):
        """As root, in /srv; what it prints."""
        words = ["nsenter", "--target", str(self.pid), "--mount", "--net", "--pid", "--uts", "--root",
                 "env", "-i", "--chdir=/srv", f"PATH={PATH}", "HOME=/root", "LC_ALL=C.UTF-8", "DEBIAN_FRONTEND=noninteractive",
                 *(f"{name}={value}" for name, value in variables.items()), "/bin/sh", "-eu"]
        done = subprocess.run(words, input=script, capture_output=True, text=True, timeout=WAIT_S)
        if done.returncode not in expected:
            raise AssertionError(f"{self.name}: exit {done.returncode}: {script}\n{done.stdout}{done.stderr}")
        return done.stdout

    def path(self, name):
        return self.root / name.lstrip("/")
