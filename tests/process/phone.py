"""Brokers of MQTT, the gateway that follows them, and a crew's phone, for the process tests. The phone is written from
docs/mqtt.md, over a library that is not the gateway's."""
import collections
import json
import pathlib
import queue
import re
import select
import signal
import socket
import subprocess
import time
import uuid

import jsonschema
import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

import centre
from terminal import free_port

ROOT = centre.HERE.parent.parent
DEPLOY = ROOT / "deploy" / "mosquitto"
SCHEMA = json.loads((ROOT / "schema" / "mqtt.schema.json").read_text())
PASSWORD = "not a good one"


jsonschema.Draft202012Validator.check_schema(SCHEMA)
VALIDATORS = {kind: jsonschema.Draft202012Validator({"$ref": f"#/$defs/{kind}", "$defs": SCHEMA["$defs"]})
              for kind in SCHEMA["$defs"]}


def check(kind, payload):
    VALIDATORS[kind].validate(payload)
    return payload


Arrival = collections.namedtuple("Arrival", ["topic", "payload", "json", "retain", "properties"])


def kind_of(topic):
    """Of what the gateway publishes: the name in the schema."""
    leaf = topic.split("/")[3]
    return leaf if leaf in ("order", "reply", "message", "state") else None


def make_certificate(folder):
    """Of an authority of its own, for the name localhost and no other."""
    def openssl(*words):
        subprocess.run(["openssl", *words], check=True, capture_output=True, timeout=centre.WAIT_S, cwd=folder)
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=Test authority", "-keyout", "ca.key",
            "-out", "ca.crt")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
            "-keyout", "broker.key", "-out", "broker.csr")
    openssl("x509", "-req", "-in", "broker.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
            "-copy_extensions", "copy", "-out", "broker.crt")


class Broker:
    """mosquitto with the settings of deploy/mosquitto, but for places: a listener of TLS, and one in clear for phones."""

    def __init__(self, folder, name, accounts):
        self.folder, self.process = pathlib.Path(folder) / name, None
        self.folder.mkdir()
        self.port, self.tls_port = free_port(), free_port()
        passwords = self.folder / "passwords"
        passwords.touch(mode=0o600)
        for account in accounts:
            subprocess.run(["mosquitto_passwd", "-b", passwords, account, PASSWORD], check=True, capture_output=True,
                           timeout=centre.WAIT_S)
        text = (DEPLOY / "mingdi.conf").read_text()
        for before, after in ((r"/etc/mosquitto/mingdi.passwords", str(passwords)), (r"/etc/mosquitto/mingdi.acl",
                              str(DEPLOY / "mingdi.acl")), (r"/etc/mosquitto/certs", str(folder)),
                              ("listener 8883", f"listener {self.tls_port} 127.0.0.1"), ("#persistence true", "persistence true"),
                              ("#persistence_location /var/lib/mosquitto/", f"persistence_location {self.folder}/")):
            assert before in text, before
            text = text.replace(before, after)
        text += f"user root\nlistener {self.port} 127.0.0.1\nuse_username_as_clientid true\n"
        (self.folder / "broker.conf").write_text(text)

    def start(self):
        self.log = open(self.folder / "broker.log", "a")
        self.process = subprocess.Popen(["mosquitto", "-c", str(self.folder / "broker.conf")], stdout=self.log, stderr=self.log)
        centre.until(self.is_open, "the broker listens")
        return self

    def is_open(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            return True
        except OSError:
            return False

    def stop(self, number=signal.SIGTERM):
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(centre.WAIT_S)
            self.log.close()


class Gateway:
    def __init__(self, where, brokers, account="mingdi-gateway", name="centre"):
        self.centre, self.brokers, self.account, self.name, self.process = where, brokers, account, name, None
        self.log_path = self.centre.folder / f"{account}.log"

    def start(self):
        folder = self.centre.folder
        for name, text in (("gateway.token", self.centre.tokens["vehicle_gateway"]), ("broker.password", PASSWORD)):
            (folder / name).write_text(text + "\n")
            (folder / name).chmod(0o600)
        words = [centre.MINGDI, "gateway", "mqtt", "--centre", f"http://127.0.0.1:{self.centre.gate}", "--brokers", self.brokers,
                 "--token-file", folder / "gateway.token", "--broker-user", self.account, "--name", self.name,
                 "--broker-password-file", folder / "broker.password", "--ca", folder / "ca.crt", "--figures", "1"]
        self.log = open(self.log_path, "a")
        self.process = subprocess.Popen([str(word) for word in words], stdout=subprocess.PIPE, stderr=self.log, text=True)
        ready, _, _ = select.select([self.process.stdout], [], [], centre.WAIT_S)
        assert re.search(f"^MQTT for mingdi/{self.name} ", self.process.stdout.readline() if ready else ""), self.log_text()
        return self

    def log_text(self):
        return self.log_path.read_text()

    def figures(self):
        """The last ones told, of all lines."""
        found = {}
        for line in self.log_text().splitlines(keepends=True):
            if "so far" in line and line.endswith("}\n"):  # the last one may be half written
                found.update(json.loads(line))
        return found

    def stop(self, number=signal.SIGTERM):
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(centre.WAIT_S)
        if self.process:
            self.process.stdout.close()
            self.log.close()
        return self.process.returncode if self.process else None


class Phone:
    """One terminal: numbers what it says, and says it again until it is answered."""

    def __init__(self, name):
        self.name, self.epoch, self.sequence, self.client = name, uuid.uuid4().hex, 0, None
        self.inbox, self.seen = queue.Queue(), []  # what has come, and of it what nobody has asked for yet

    def topic(self, leaf):
        return f"mingdi/centre/{self.name}/{leaf}"

    # ---- the line ----
    def connect(self, broker, clean=False):
        self.close()
        self.client = mqtt.Client(client_id=self.name, protocol=mqtt.MQTTv5)
        self.client.username_pw_set(self.name, PASSWORD)
        ready = queue.Queue()
        self.client.on_connect = lambda c, u, flags, code, properties: ready.put(code)
        self.client.on_subscribe = lambda c, u, mid, codes, properties: ready.put(codes)
        self.client.on_message = lambda c, u, message: self.inbox.put(message)
        properties = Properties(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = 3600
        self.client.connect("127.0.0.1", broker.port, clean_start=clean, properties=properties)
        self.client.loop_start()
        code = ready.get(timeout=centre.WAIT_S)
        assert code == 0, code
        self.client.subscribe([(self.topic(leaf), mqtt.SubscribeOptions(qos=1)) for leaf in ("order", "message/+", "reply/#")]
                              + [("mingdi/centre/gateway/state", mqtt.SubscribeOptions(qos=1))])
        granted = ready.get(timeout=centre.WAIT_S)
        assert [code.value for code in granted] == [1, 1, 1, 1], granted
        return self

    def close(self):
        if self.client:
            self.client.disconnect()
            self.client.loop_stop()
            self.client = None
        while not self.inbox.empty():
            self.inbox.get()
        self.seen = []

    # ---- what comes ----
    def read(self, seconds):
        try:
            message = self.inbox.get(timeout=max(seconds, 0))
        except queue.Empty:
            return False
        shown = check(kind_of(message.topic), json.loads(message.payload)) if message.payload else None
        self.seen.append(Arrival(message.topic, message.payload, shown, message.retain, message.properties))
        return True

    def expect(self, wanted, seconds=centre.WAIT_S):
        """The first message that the function wants; it leaves the list."""
        end = time.monotonic() + seconds
        while True:
            for message in self.seen:
                if wanted(message):
                    self.seen.remove(message)
                    return message
            if not self.read(end - time.monotonic()):
                raise AssertionError(f"never came; the newest are {self.seen[-5:]}")

    def order(self, wanted, seconds=centre.WAIT_S):
        """The first order that the function wants, None where there is none; those before it are dropped."""
        while True:
            message = self.expect(lambda m: m.topic == self.topic("order"), seconds)
            if wanted(message.json):
                return message.json

    def state(self, wanted):
        return self.expect(lambda m: m.topic == "mingdi/centre/gateway/state" and wanted(m.json)).json

    # ---- what is said ----
    def number(self):
        self.sequence += 1
        return self.sequence

    def publish(self, topic, payload, response=None, correlation=None):
        properties = Properties(PacketTypes.PUBLISH)
        if response:
            properties.ResponseTopic = response
        if correlation:
            properties.CorrelationData = correlation
        self.client.publish(topic, payload, qos=1, properties=properties).wait_for_publish(centre.WAIT_S)

    def say(self, kind, members, sequence=None, **more):
        """Once; the number under which it is answered."""
        sequence = self.number() if sequence is None else sequence
        payload = check(kind, {"epoch": self.epoch, "sequence": sequence, **members})
        self.publish(self.topic(kind), json.dumps(payload), **more)
        return sequence

    def reply(self, sequence, seconds=centre.WAIT_S, topic=None):
        topic = topic or self.topic("reply")
        return self.expect(lambda m: m.topic == topic and (m.json["epoch"], m.json["sequence"]) == (self.epoch, sequence),
                           seconds).json

    def replies(self):
        return [m.json for m in self.seen if m.topic == self.topic("reply")]

    def ask(self, kind, members, sequence=None):
        """Says it until it is answered, as every good terminal does; again where it is told so."""
        sequence = self.number() if sequence is None else sequence
        end = time.monotonic() + centre.WAIT_S
        while time.monotonic() < end:
            self.say(kind, members, sequence)
            try:
                answer = self.reply(sequence, seconds=5)
            except AssertionError:
                continue
            if answer["outcome"] != "again":
                return answer
        raise AssertionError(f"no answer to {kind} {members}")
