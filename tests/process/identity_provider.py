"""Identity providers for the process tests: Debian's glewlwyd, a real one, on a SQLite file in a folder of its own; and a forger
that speaks the same protocol and lies, one lie at a time."""
import base64
import hashlib
import hmac
import http.server
import json
import pathlib
import shutil
import sqlite3
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

from centre import WAIT_S
from ports import free_port

GLEWLWYD = shutil.which("glewlwyd") or "/usr/bin/glewlwyd"
TABLES = pathlib.Path("/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3")
CLIENT, SECRET, PERSON_PASSWORD = "mingdi-120", "a-secret-of-the-120-centre", "a password over there"
SETTINGS = """
port={port}
bind_address="127.0.0.1"
external_url="http://localhost:{port}"
login_url="login.html"
api_prefix="api"
static_files_path="/usr/share/glewlwyd/webapp/"
log_mode="console"
log_level="WARNING"
cookie_domain="localhost"
cookie_secure=0
session_key="GLEWLWYD2_SESSION_ID"
admin_scope="g_admin"
profile_scope="g_profile"
user_module_path="/usr/lib/glewlwyd/user"
client_module_path="/usr/lib/glewlwyd/client"
user_auth_scheme_module_path="/usr/lib/glewlwyd/scheme"
plugin_module_path="/usr/lib/glewlwyd/plugin"
use_secure_connection=false
secure_connection_key_file="/nonexistent"
secure_connection_pem_file="/nonexistent"
secure_connection_ca_file="/nonexistent"
hash_algorithm="SHA512"
database = {{ type = "sqlite3"; path = "{database}"; }};
"""


def text_of(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def openssl(*words, data=None):
    return subprocess.run(["openssl", *words], input=data, capture_output=True, check=True, timeout=WAIT_S).stdout


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Browser:
    """One cookie, the newest; a redirect is an answer, not followed."""

    def __init__(self, base):
        self.base, self.cookie = base, ""
        self.opener = urllib.request.build_opener(NoRedirect)

    def ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        url = path if path.startswith("http") else self.base + path
        request = urllib.request.Request(url, data, {"Content-Type": "application/json", "Cookie": self.cookie}, method=method)
        try:
            answer = self.opener.open(request, timeout=WAIT_S)
        except urllib.error.HTTPError as refused:
            answer = refused
        with answer:
            self.cookie = (answer.headers["Set-Cookie"] or self.cookie).split(";")[0]
            return answer.status, answer.headers, answer.read()


class Glewlwyd:
    """People sign in there with PERSON_PASSWORD; the claim preferred_username is the name, groups the property of that name."""

    def __init__(self, folder, return_address, people):
        self.folder, self.return_address, self.people = pathlib.Path(folder), return_address, people
        self.port = free_port()
        self.base = f"http://localhost:{self.port}"
        self.issuer = f"{self.base}/api/city"
        self.process = None

    @staticmethod
    def is_here():
        return pathlib.Path(GLEWLWYD).exists() and TABLES.exists()

    def start(self):
        database, settings = self.folder / "glewlwyd.db", self.folder / "glewlwyd.conf"
        if not database.exists():
            with sqlite3.connect(database) as tables:
                tables.executescript(TABLES.read_text())
            tables.close()
        settings.write_text(SETTINGS.format(port=self.port, database=database))
        self.log = open(self.folder / "glewlwyd.log", "ab")
        self.process = subprocess.Popen([GLEWLWYD, f"--config-file={settings}"], stdout=self.log, stderr=self.log)
        self.admin = Browser(self.base)
        end = time.monotonic() + WAIT_S
        while True:
            try:
                status, _, _ = self.admin.ask("POST", "/api/auth/", {"username": "admin", "password": "password"})
                assert status == 200, status
                return self
            except OSError:
                assert self.process.poll() is None and time.monotonic() < end, (self.folder / "glewlwyd.log").read_text()
                time.sleep(0.05)

    def do(self, method, path, body):
        status, _, answer = self.admin.ask(method, path, body)
        assert status == 200, (method, path, status, answer)

    def parameters(self, key):
        return {
            "iss": self.issuer, "jwt-type": "rsa", "jwt-key-size": "256", "key": key[0], "cert": key[1],
            "access-token-duration": 3600, "refresh-token-duration": 3600, "code-duration": 600, "refresh-token-rolling": True,
            "allow-non-oidc": False, "auth-type-code-enabled": True, "auth-type-code-revoke-replayed": True,
            "auth-type-token-enabled": False, "auth-type-id-token-enabled": True, "auth-type-password-enabled": False,
            "auth-type-client-enabled": False, "auth-type-device-enabled": False, "auth-type-refresh-enabled": False,
            "jwks-show": True, "pkce-allowed": True, "pkce-method-plain-allowed": False, "subject-type": "public",
            "session-management-allowed": True, "session-cookie-name": "SID", "session-cookie-expiration": 3600,
            "scope": [], "additional-parameters": [], "address-claim": {"type": "no"},
            "name-claim": "no", "email-claim": "no", "scope-claim": "no",
            "claims": [{"name": "preferred_username", "user-property": "login", "type": "string", "mandatory": True},
                       {"name": "groups", "user-property": "groups", "type": "string", "mandatory": True}],
        }

    def fresh_key(self):
        private = openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048").decode()
        return private, openssl("pkey", "-pubout", data=private.encode()).decode()

    def set_up(self):
        for kind, name in (("user", "database"),):
            module = json.loads(self.admin.ask("GET", f"/api/mod/{kind}/{name}")[2])
            for extra in ("login", "groups"):
                module["parameters"]["data-format"][extra] = {"multiple": extra == "groups", "read": True, "write": True,
                                                              "profile-read": True, "profile-write": False}
            self.do("PUT", f"/api/mod/{kind}/{name}", module)
            self.do("PUT", f"/api/mod/{kind}/{name}/reset/", {})
        self.do("POST", "/api/mod/plugin/", {"module": "oidc", "name": "city", "display_name": "City",
                                             "parameters": self.parameters(self.fresh_key())})
        self.do("POST", "/api/client/", {
            "client_id": CLIENT, "name": "120", "confidential": True, "enabled": True, "client_secret": SECRET,
            "password": SECRET, "authorization_type": ["code"], "redirect_uri": [self.return_address],
            "token_endpoint_auth_method": ["client_secret_basic"], "scope": [], "source": "database"})
        for name, groups in self.people.items():
            self.do("POST", "/api/user/", {"username": name, "name": name, "password": PERSON_PASSWORD, "enabled": True,
                                           "scope": ["openid", "g_profile"], "login": name, "groups": groups,
                                           "source": "database"})
        return self

    def rotate(self):
        """Another key from now on; the old one is not published any more."""
        self.do("PUT", "/api/mod/plugin/city", {"module": "oidc", "name": "city", "display_name": "City",
                                                "parameters": self.parameters(self.fresh_key())})
        self.do("PUT", "/api/mod/plugin/city/reset/", {})

    def sign_in(self, address, name):
        """What a person does in the browser: signs in, agrees, is sent back. Returns the query of the return."""
        browser = Browser(self.base)
        status, _, answer = browser.ask("POST", "/api/auth/", {"username": name, "password": PERSON_PASSWORD})
        assert status == 200, (status, answer)
        status, _, answer = browser.ask("PUT", f"/api/auth/grant/{CLIENT}", {"scope": "openid"})
        assert status == 200, (status, answer)
        status, headers, answer = browser.ask("GET", address + "&g_continue")
        assert status == 302, (status, answer)
        where, _, query = headers["Location"].partition("?")
        assert where == self.return_address, headers["Location"]
        return {key: values[0] for key, values in urllib.parse.parse_qs(query).items()}

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait(30)
            self.log.close()


class Forger:
    """A provider that gives whatever token it is told to: lie(claims, header) changes them before they are signed."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.key = openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048")
        self.kid, self.lie, self.signer, self.nonce, self.asked = "one", None, self.by_key, "", []
        forger = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.answer(forger.document(self.path))

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                forger.asked.append(dict(urllib.parse.parse_qsl(body)))
                self.answer({"access_token": "x", "token_type": "Bearer", "id_token": forger.token()})

            def answer(self, document):
                data = json.dumps(document).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def numbers(self):
        shown = openssl("rsa", "-noout", "-modulus", data=self.key).decode().strip().split("=")[1]
        return text_of(bytes.fromhex(shown)), text_of(b"\x01\x00\x01")

    def document(self, path):
        if path.startswith("/keys"):
            n, e = self.numbers()
            return {"keys": [{"kty": "RSA", "kid": self.kid, "use": "sig", "alg": "RS256", "n": n, "e": e}]}
        return {"issuer": self.issuer, "authorization_endpoint": self.issuer + "/auth", "token_endpoint": self.issuer + "/token",
                "jwks_uri": self.issuer + "/keys", "authorization_response_iss_parameter_supported": True}

    def by_key(self, data):
        path = self.folder / "forger.pem"
        path.write_bytes(self.key)
        return openssl("dgst", "-sha256", "-sign", str(path), data=data)

    def by_another_key(self, data):
        path = self.folder / "another.pem"
        path.write_bytes(openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"))
        return openssl("dgst", "-sha256", "-sign", str(path), data=data)

    def by_nobody(self, _data):
        return b""

    def by_public_key(self, data):
        public = openssl("pkey", "-pubout", data=self.key)
        return hmac.new(public, data, hashlib.sha256).digest()

    def token(self):
        now = int(time.time())
        header = {"alg": "RS256", "kid": self.kid}
        claims = {"iss": self.issuer, "sub": "1", "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": self.nonce,
                  "preferred_username": "li"}
        if self.lie:
            self.lie(claims, header)
        data = f"{text_of(json.dumps(header).encode())}.{text_of(json.dumps(claims).encode())}"
        return f"{data}.{text_of(self.signer(data.encode()))}"

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
