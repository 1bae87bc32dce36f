"""A vehicle's terminal of JT/T 808, and the gateway that it speaks with, for the process tests. Written from the standard, apart
from the program: frames are made and read here anew."""
import datetime
import os
import re
import select
import signal
import socket
import subprocess
import time

import centre
from ports import free_port

CHINA = datetime.timezone(datetime.timedelta(hours=8))
SUCCESS, FAILURE, WRONG, NOT_SUPPORTED = range(4)


def bcd(digits, size):
    return bytes.fromhex(digits.rjust(2 * size, "0"))


def bcd_time(at):
    return bytes.fromhex(at.astimezone(CHINA).strftime("%y%m%d%H%M%S"))


def checksum(data):
    total = 0
    for byte in data:
        total ^= byte
    return total


def escape(data):
    return data.replace(b"\x7d", b"\x7d\x01").replace(b"\x7e", b"\x7d\x02")


def position(lon, lat, at, alarm=0, status=3, items=b"\x01\x04\x00\x00\x00\x64"):
    body = alarm.to_bytes(4, "big") + status.to_bytes(4, "big")
    body += round(lat * 1e6).to_bytes(4, "big") + round(lon * 1e6).to_bytes(4, "big")
    return body + bytes([0, 40, 1, 44, 0, 90]) + (at if isinstance(at, bytes) else bcd_time(at)) + items


class Terminal:
    def __init__(self, port, number, is_2019=False):
        self.port, self.number, self.is_2019, self.serial, self.code = port, number, is_2019, 0, None
        self.socket, self.received, self.inbox = None, b"", []

    def connect(self):
        self.close()
        self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=centre.WAIT_S)
        self.received, self.inbox = b"", []
        return self

    def close(self):
        if self.socket:
            self.socket.close()
            self.socket = None

    # ---- up ----
    def frame(self, message, body=b"", serial=None, part=None):
        if serial is None:
            self.serial = (self.serial + 1) % 65536
            serial = self.serial
        attributes = len(body) | (0x4000 if self.is_2019 else 0) | (0x2000 if part else 0)
        head = message.to_bytes(2, "big") + attributes.to_bytes(2, "big")
        head += b"\x01" + bcd(self.number, 10) if self.is_2019 else bcd(self.number, 6)
        head += serial.to_bytes(2, "big")
        if part:
            head += part[1].to_bytes(2, "big") + part[0].to_bytes(2, "big")
        data = head + body
        return b"\x7e" + escape(data + bytes([checksum(data)])) + b"\x7e", serial

    def send(self, message, body=b"", serial=None, part=None):
        data, serial = self.frame(message, body, serial, part)
        self.socket.sendall(data)
        return serial

    # ---- down ----
    def read(self, seconds):
        """What has come into the inbox; waits for the next frame at most so long. False: nothing came."""
        end = time.monotonic() + seconds
        while True:
            while b"\x7e" in self.received[1:]:
                stop = self.received.index(b"\x7e", 1)
                inner, self.received = self.received[1:stop], self.received[stop + 1:]
                inner = inner.replace(b"\x7d\x02", b"\x7e").replace(b"\x7d\x01", b"\x7d")
                assert checksum(inner) == 0, inner.hex()
                wide = bool(int.from_bytes(inner[2:4], "big") & 0x4000)
                assert wide == self.is_2019, inner.hex()
                at = 15 if wide else 10
                number = inner[5:15] if wide else inner[4:10]
                assert number.hex().lstrip("0") == self.number.lstrip("0"), inner.hex()
                self.inbox.append((int.from_bytes(inner[:2], "big"), int.from_bytes(inner[at:at + 2], "big"), inner[at + 2:-1]))
                return True
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.socket], [], [], left)[0]:
                return False
            data = self.socket.recv(65536)
            if not data:
                raise ConnectionError("the gateway has hung up")
            self.received += data

    def expect(self, wanted, seconds=centre.WAIT_S):
        """The first message that the function wants; it leaves the inbox."""
        end = time.monotonic() + seconds
        while True:
            for message in self.inbox:
                if wanted(*message):
                    self.inbox.remove(message)
                    return message
            if time.monotonic() > end or not self.read(end - time.monotonic()):
                raise AssertionError(f"never came; the inbox has {self.inbox}")

    def reply(self, message, serial, seconds=centre.WAIT_S):
        """The result of the platform's general reply to it."""
        head = serial.to_bytes(2, "big") + message.to_bytes(2, "big")
        return self.expect(lambda m, s, body: m == 0x8001 and body[:4] == head, seconds)[2][4]

    def ask(self, message, body=b"", **more):
        return self.reply(message, self.send(message, body, **more))

    # ---- a session ----
    def register(self, plate="京A12345", device="DEV0001"):
        body = (11).to_bytes(2, "big") + (100).to_bytes(2, "big")
        sizes = (11, 30, 30) if self.is_2019 else (5, 20, 7)
        body += b"MAKER".ljust(sizes[0], b"\0") + b"MODEL".ljust(sizes[1], b"\0") + device.encode().ljust(sizes[2], b"\0")
        serial = self.send(0x0100, body + b"\x01" + plate.encode("gbk"))
        answer = self.expect(lambda m, s, b: m == 0x8100 and b[:2] == serial.to_bytes(2, "big"))[2]
        if answer[2] == 0:
            self.code = answer[3:]
        return answer[2]

    def authenticate(self, code=None):
        code = self.code if code is None else code
        body = bytes([len(code)]) + code + b"123456789012345" + b"v1.0".ljust(20, b"\0") if self.is_2019 else code
        return self.ask(0x0102, body)

    def join(self):
        self.connect()
        assert self.register() == 0
        assert self.authenticate() == SUCCESS
        return self

    def text(self, seconds=centre.WAIT_S, confirm=True):
        """The next text, in Unicode, with its flags; confirmed."""
        _, serial, body = self.expect(lambda m, s, b: m == 0x8300, seconds)
        if confirm:
            self.send(0x0001, serial.to_bytes(2, "big") + b"\x83\x00\x00")
        return body[0], body[2 if self.is_2019 else 1:].decode("gbk")


class Gateway:
    def __init__(self, where, token="vehicle_gateway", more=()):
        self.centre, self.token, self.more, self.process, self.port = where, token, more, None, free_port()

    def start(self):
        token = self.centre.folder / "gateway.token"
        token.write_text(self.centre.tokens[self.token] + "\n")
        token.chmod(0o600)
        address = f"http://127.0.0.1:{self.centre.gate}"
        words = [centre.MINGDI, "gateway", "jt808", "--centre", address, "--token-file", str(token)]
        words += ["--port", str(self.port), "--figures", "1", *self.more]
        self.log = open(self.centre.folder / "gateway.log", "a")
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=self.log, text=True)
        ready, _, _ = select.select([self.process.stdout], [], [], centre.WAIT_S)
        found = re.search(r"port (\d+)", self.process.stdout.readline() if ready else "")
        assert found, self.log_tail()
        self.port = int(found.group(1))
        return self

    def log_tail(self):
        return (self.centre.folder / "gateway.log").read_text()[-3000:]

    def stop(self, number=signal.SIGTERM):
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(centre.WAIT_S)
        if self.process:
            self.process.stdout.close()
            self.log.close()
        return self.process.returncode if self.process else None
