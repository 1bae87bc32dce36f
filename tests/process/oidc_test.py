#!/usr/bin/env python3
"""Signing in by an identity provider: the whole way with a real one (Debian's glewlwyd), and what a forger may try."""
import base64
import contextlib
import hashlib
import json
import os
import pathlib
import shutil
import sqlite3
import sys
import tempfile
import time
import urllib.parse

from centre import Centre, Client, PASSWORD, main, one_time_code, run
from identity_provider import CLIENT, SECRET, Forger, Glewlwyd

PUBLIC = "https://120.city.example"
BACK = PUBLIC + "/console/sign-in"


class Visitor(Client):
    """A browser at the centre, with the cookie of its attempt."""

    def begin(self):
        answer = self.ask("POST", "/session/provider")
        assert answer.status == 201, answer
        self.attempt = answer.headers["Set-Cookie"].split(";")[0]
        for word in ("HttpOnly", "Secure", "SameSite=Strict", "Path=/;"):
            assert word in answer.headers["Set-Cookie"], answer.headers["Set-Cookie"]
        address = answer.json["address"]
        self.query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(address).query))
        return address

    def come_back(self, **body):
        return self.ask("POST", "/session/provider/return", body, {"Cookie": self.attempt})

    def signed_in(self, answer):
        assert answer.status == 201, answer
        self.cookie, self.csrf = answer.headers["Set-Cookie"].split(";")[0], answer.json["csrf"]
        return self


FOLDER = pathlib.Path(tempfile.mkdtemp(prefix="mingdi-oidc-"))
CENTRE = Centre(folder=FOLDER / "centre")  # made once: the stories take turns


def centre_with(issuer, **settings):
    """The client's secret is in a file that nobody else may read."""
    secret = FOLDER / "client.secret"
    secret.write_text(SECRET + "\n")
    os.chmod(secret, 0o600)
    CENTRE.settings = {"oidc_issuer": issuer, "oidc_client_id": CLIENT, "oidc_secret_file": secret, "public_address": PUBLIC,
                       "oidc_name": "City Hall", "sign_ins_per_minute": 1000, **settings}
    if not CENTRE.data.exists():
        CENTRE.folder.mkdir(exist_ok=True)
        CENTRE.make()
    return CENTRE


def stopped(centre):
    if centre.process and centre.process.poll() is None:
        centre.kill()


def problem(answer):
    return answer.status, answer.json["type"].rsplit("/", 1)[-1]


def problem_or_ok(answer):
    return problem(answer) if answer.status >= 400 else answer.status


def audit_of(centre):
    auditor = centre.person("audit")
    rows = auditor.ask("GET", "/audit?limit=500").json["items"]
    auditor.close()
    return [(row["what"], row["detail"]) for row in rows]


def the_whole_way_with_glewlwyd():
    provider = Glewlwyd(FOLDER, BACK, {"li": ["desk"], "nobody": ["desk"], "chen": ["desk"]})
    centre = centre_with(provider.issuer, local_accounts="admin,audit")
    try:
        provider.start().set_up()
        centre.start()
        assert centre.client().ask("GET", "/welcome").json["provider"] == "City Hall"
        visitor = Visitor(centre)
        back = provider.sign_in(visitor.begin(), "li")
        assert back["state"] == visitor.query["state"] and back["code"]
        stranger = Visitor(centre)
        stranger.begin()
        assert problem(stranger.come_back(**keep(back))) == (401, "attempt_over"), "the state of another browser"
        visitor.signed_in(visitor.come_back(**keep(back)))
        session = visitor.ask("GET", "/session").json
        assert session["person"]["sign_in"] == "li" and session["person"]["grants"][0]["role"] == "dispatcher", session
        assert Visitor.come_back(visitor, **keep(back)).status == 401, "a code works once"
        farewell = visitor.ask("GET", "/session/provider").json["address"]
        assert farewell.startswith(provider.issuer + "/end_session?") and CLIENT in farewell, farewell
        assert visitor.ask("DELETE", "/session").status == 204
        unknown = Visitor(centre)
        assert problem(unknown.come_back(**keep(provider.sign_in(unknown.begin(), "nobody")))) == (403, "no_account")
        provider.rotate()
        again = Visitor(centre)
        again.signed_in(again.come_back(**keep(provider.sign_in(again.begin(), "chen"))))
        passwords_are_for_those_who_are_named(centre)
        rows = audit_of(centre)
        assert any(what == "sign-in" and detail.startswith("by the identity provider, from") for what, detail in rows), rows
        for words in ("another browser", "has no account", "by the identity provider"):
            assert any(what == "sign-in refused" and words in detail for what, detail in rows), (words, rows)
        a_silent_provider(centre, provider)
    finally:
        provider.stop()
        stopped(centre)


def keep(back):
    return {key: back[key] for key in ("state", "code", "iss") if key in back}


def passwords_are_for_those_who_are_named(centre):
    client = centre.client()
    assert problem(client.ask("POST", "/session", {"name": "li", "password": PASSWORD})) == (403, "provider_only")
    assert problem(client.ask("POST", "/session", {"name": "li", "password": "wrong"})) == (401, "sign_in_refused")
    centre.person("admin").close()


def a_silent_provider(centre, provider):
    visitor = Visitor(centre)
    back = provider.sign_in(visitor.begin(), "li")
    provider.stop()
    assert problem(visitor.come_back(**keep(back))) == (502, "provider_silent")
    assert centre.stop() == 0
    centre.start()
    assert problem(centre.client().ask("POST", "/session/provider")) == (502, "provider_silent")
    centre.person("admin").close()


def lies():
    """What is wrong, and who signs it."""
    def change(**changes):
        return lambda claims, _header: claims.update(changes)

    def head(**changes):
        return lambda _claims, header: header.update(changes)

    now = int(time.time())
    return [
        ("nonce", change(nonce="of another attempt"), "by_key"), ("no nonce", lambda claims, _: claims.pop("nonce"), "by_key"),
        ("expired", change(exp=now - 120, iat=now - 300), "by_key"), ("not yet", change(nbf=now + 300), "by_key"),
        ("of tomorrow", change(iat=now + 86400, exp=now + 90000), "by_key"),
        ("of yesterday", change(iat=now - 86400), "by_key"),
        ("audience", change(aud="another"), "by_key"), ("several audiences", change(aud=[CLIENT, "another"]), "by_key"),
        ("party", change(azp="another"), "by_key"), ("issuer", change(iss="https://id.example"), "by_key"),
        ("no account claim", lambda claims, _: claims.pop("preferred_username"), "by_key"),
        ("alg none", head(alg="none"), "by_nobody"), ("alg none, signed", head(alg="none"), "by_key"),
        ("HMAC by the public key", head(alg="HS256"), "by_public_key"), ("another key", lambda *_: None, "by_another_key"),
        ("an unknown key", head(kid="two"), "by_another_key"), ("critical", head(crit=["x"], x=1), "by_key"),
    ]


def what_a_forger_tries():
    forger = Forger(FOLDER)
    centre = centre_with(forger.issuer)
    try:
        centre.start()

        def attempt(lie=None, signer="by_key", **body):
            visitor = Visitor(centre)
            visitor.begin()
            forger.lie, forger.signer, forger.nonce = lie, getattr(forger, signer), visitor.query["nonce"]
            back = {"state": visitor.query["state"], "code": "c", "iss": forger.issuer, **body}
            return visitor, visitor.come_back(**{key: value for key, value in back.items() if value is not None})

        visitor, answer = attempt()
        visitor.signed_in(answer)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(forger.asked[-1]["code_verifier"].encode()).digest()).rstrip(b"=")
        assert visitor.query["code_challenge"] == challenge.decode() and visitor.query["code_challenge_method"] == "S256"
        assert forger.asked[-1]["redirect_uri"] == BACK
        for what, lie, signer in lies():
            answer = attempt(lie, signer)[1]
            assert problem(answer) == (401, "provider_not_believed"), (what, answer)
            assert "mingdi_session" not in (answer.headers["Set-Cookie"] or ""), what
        asked = len(forger.asked)
        assert problem(attempt(state="A" * 43)[1]) == (401, "attempt_over")
        assert problem(attempt(code=None, error="access_denied")[1]) == (401, "provider_declined")
        assert len(forger.asked) == asked, "nobody is asked for what is not worth it"
        assert problem(attempt(iss="https://id.example")[1]) == (401, "provider_not_believed"), "another provider's answer"
        assert problem(attempt(iss=None)[1]) == (401, "provider_not_believed"), "the provider always says who it is"
        forger.kid = "two"
        attempt()[0].close()
        answer = attempt(lambda claims, _: claims.update(amr=["pwd", "otp"]))[1]
        assert answer.status == 201, answer
        assert sum(what == "sign-in refused" for what, _ in audit_of(centre)) >= len(lies()) + 4
    finally:
        forger.stop()
        stopped(centre)


def second_factors_and_groups():
    forger = Forger(FOLDER)
    centre = centre_with(forger.issuer, oidc_groups_claim="groups", oidc_roles="desk=dispatcher,desk=call_taker",
                         oidc_second_factor="true")
    try:
        centre.start()

        def attempt(**claims):
            visitor = Visitor(centre)
            visitor.begin()
            forger.nonce, forger.lie = visitor.query["nonce"], lambda made, _: made.update(claims)
            return visitor, visitor.come_back(state=visitor.query["state"], code="c", iss=forger.issuer)

        assert problem(attempt()[1]) == (403, "no_account"), "in none of the groups"
        assert problem(attempt(groups=["cooks"])[1]) == (403, "no_account")
        attempt(groups=["desk"])[0].close()
        visitor, answer = attempt(preferred_username="newcomer", groups=["cooks", "desk"])
        visitor.signed_in(answer)
        roles = {grant["role"] for grant in visitor.ask("GET", "/session").json["person"]["grants"]}
        assert roles == {"dispatcher", "call_taker"}, roles
        assert problem(attempt(preferred_username="x" * 70, groups=["desk"])[1]) == (403, "no_account")
        admin = centre.person("admin")
        people = {one["name"]: one["id"] for one in admin.ask("GET", "/people").json["items"]}
        address = admin.ask("POST", f"/people/{people['li']}/totp").json["secret"]
        visitor, answer = attempt(groups=["desk"])
        assert problem(answer) == (401, "totp_needed"), answer
        state = visitor.query["state"]
        assert problem(visitor.come_back(state=state, totp="000000")) == (401, "sign_in_refused")
        visitor.signed_in(visitor.come_back(state=state, totp=one_time_code(address)))
        assert problem(visitor.come_back(state=state, totp=one_time_code(address))) == (401, "attempt_over")
        assert attempt(groups=["desk"], amr=["pwd", "otp"])[1].status == 201, "the provider has seen a second factor"
        assert admin.ask("DELETE", f"/people/{people['li']}").status == 204
        assert problem(attempt(groups=["desk"], amr=["mfa"])[1]) == (403, "no_account"), "a disabled account"
        admin.close()
    finally:
        forger.stop()
        stopped(centre)


def a_leaver_stays_out():
    """Disabled here, the name erased after its time: the provider still knows the person, and has one of the groups."""
    forger = Forger(FOLDER)
    centre = centre_with(forger.issuer, oidc_groups_claim="groups", oidc_roles="desk=dispatcher", leaver_keep_days=30)
    try:
        centre.start()

        def attempt(name):
            visitor = Visitor(centre)
            visitor.begin()
            forger.nonce = visitor.query["nonce"]
            forger.lie = lambda made, _: made.update(preferred_username=name, sub="of-a-leaver", groups=["desk"])
            return problem_or_ok(visitor.come_back(state=visitor.query["state"], code="c", iss=forger.issuer))

        assert attempt("leaver") == 201
        admin = centre.person("admin")
        leaver = next(one for one in admin.ask("GET", "/people").json["items"] if one["name"] == "leaver")
        assert leaver["provider"] is True
        assert admin.ask("DELETE", f"/people/{leaver['id']}").status == 204
        assert attempt("leaver") == (403, "no_account"), "disabled"
        assert attempt("under.another.name") == (403, "no_account"), "the same person by another name"
        admin.close()
        assert centre.stop() == 0
        with contextlib.closing(sqlite3.connect(centre.data / "centre.db")) as tables, tables:
            long_ago = time.time_ns() // 1000 - 90 * 86400 * 1000000
            assert tables.execute("UPDATE person SET changed_at = ? WHERE id = ?", (long_ago, leaver["id"])).rowcount == 1
        gone = run("retention", "--data", str(centre.data), env={**os.environ, "MINGDI_SET_LEAVER_KEEP_DAYS": "30"})
        assert {one["kind"]: one["count"] for one in json.loads(gone.stdout)["kinds"]}["leavers"] == 1, gone.stdout
        centre.start()
        assert attempt("leaver") == (403, "no_account"), "the name is erased, and its person is out all the same"
        assert attempt("under.another.name") == (403, "no_account")
        assert any("somebody who has left" in detail for _, detail in audit_of(centre))
        admin = centre.person("admin")
        assert admin.ask("DELETE", f"/people/{leaver['id']}/provider").status == 204
        assert attempt("leaver") == 201, "let go by an administrator"
        admin.close()
    finally:
        forger.stop()
        stopped(centre)


def settings_that_cannot_be_right():
    centre = centre_with("http://127.0.0.1:1")
    try:
        os.chmod(centre.settings["oidc_secret_file"], 0o640)
        centre.start(wait=False)
        assert centre.process.wait(60) != 0
        assert "chmod 600" in centre.log_tail(), centre.log_tail()
    finally:
        stopped(centre)


if __name__ == "__main__":
    stories = [what_a_forger_tries, second_factors_and_groups, a_leaver_stays_out, settings_that_cannot_be_right]
    if Glewlwyd.is_here():
        stories.insert(0, the_whole_way_with_glewlwyd)
    elif len(sys.argv) < 2:
        print("skipped: the whole way with a real identity provider: Debian's glewlwyd with dbconfig-sqlite3 is not installed")
    try:
        main(stories)
    finally:
        CENTRE.remove()
        shutil.rmtree(FOLDER)
