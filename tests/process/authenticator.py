"""An authenticator for passkeys in a few lines, with the browser before it (WebAuthn): ES256 on the curve P-256 as FIPS 186
has it, in plain Python, so that nothing of what the server verifies with is used here."""
import base64
import hashlib
import json
import secrets

FIELD = 2**256 - 2**224 + 2**192 + 2**96 - 1
ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551
BASE = (0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296,
        0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5)
PRESENT, VERIFIED, HAS_KEY = 1, 4, 64


def add(a, b):
    """Two points; None is the one at infinity."""
    if a is None or b is None:
        return b if a is None else a
    if a[0] == b[0] and (a[1] + b[1]) % FIELD == 0:
        return None
    slope = 3 * (a[0] * a[0] - 1) * pow(2 * a[1], -1, FIELD) if a == b else (b[1] - a[1]) * pow(b[0] - a[0], -1, FIELD)
    x = (slope * slope - a[0] - b[0]) % FIELD
    return x, (slope * (a[0] - x) - a[1]) % FIELD


def times(number, point):
    total = None
    while number:
        total = add(total, point) if number & 1 else total
        point, number = add(point, point), number >> 1
    return total


def integer_of(number):
    """As DER writes it."""
    data = number.to_bytes(number.bit_length() // 8 + 1, "big")
    return bytes([2, len(data)]) + data


def text_of(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Authenticator:
    """One key for one site. It counts what it does."""

    def __init__(self, origin, site):
        self.origin, self.site, self.counter = origin, site, 0
        self.secret, self.id, self.user = 1 + secrets.randbelow(ORDER - 1), secrets.token_bytes(32), ""

    def said(self, deed, challenge):
        data = {"type": "webauthn." + deed, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(data).encode()

    def data(self, flags):
        self.counter += 1
        return hashlib.sha256(self.site.encode()).digest() + bytes([flags]) + self.counter.to_bytes(4, "big")

    def make(self, asked, name):
        """The answer to a passkey_making."""
        x, y = (part.to_bytes(32, "big") for part in times(self.secret, BASE))
        key = bytes.fromhex("a5010203262001215820") + x + bytes.fromhex("225820") + y  # COSE: EC2, ES256, P-256
        data = self.data(PRESENT | VERIFIED | HAS_KEY) + bytes(16) + len(self.id).to_bytes(2, "big") + self.id + key
        self.user = asked["user"]
        return {"name": name, "client_data": text_of(self.said("create", asked["challenge"])), "data": text_of(data)}

    def sign(self, message):
        number, digest = 1 + secrets.randbelow(ORDER - 1), int.from_bytes(hashlib.sha256(message).digest(), "big")
        r = times(number, BASE)[0] % ORDER
        both = integer_of(r) + integer_of(pow(number, -1, ORDER) * (digest + r * self.secret) % ORDER)
        return bytes([48, len(both)]) + both

    def show(self, asked, flags=PRESENT | VERIFIED):
        """The answer to a passkey_question."""
        said, data = self.said("get", asked["challenge"]), self.data(flags)
        signature = self.sign(data + hashlib.sha256(said).digest())
        return {"id": text_of(self.id), "user": self.user, "client_data": text_of(said), "data": text_of(data),
                "signature": text_of(signature)}
