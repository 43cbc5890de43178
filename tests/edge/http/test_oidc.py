"""Tokens of an OpenID Connect issuer: whose they are, and every way in which one is nobody's."""

import asyncio
import base64
import hashlib
import hmac
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

for name in ("starlette", "uvicorn", "httptools", "jinja2", "jwt"):
    pytest.importorskip(name, reason="the extra `serve` is not installed")

import jwt  # noqa: E402
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa  # noqa: E402
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat  # noqa: E402
from jwt.algorithms import RSAAlgorithm  # noqa: E402
from tests.helpers.issuer import AUDIENCE, LocalIssuer, issuing  # noqa: E402
from tests.helpers.processes import wait_for  # noqa: E402
from tests.helpers.serving import Client, new_token, serving  # noqa: E402

from walkaway_edge.http import oidc  # noqa: E402
from walkaway_edge.http.answers import Problem  # noqa: E402
from walkaway_edge.http.identity import Role  # noqa: E402
from walkaway_edge.http.oidc import AGAIN_S, KEPT_S, LASTS_S, read_settings  # noqa: E402
from walkaway_edge.problems import EdgeProblem  # noqa: E402

pytestmark = pytest.mark.serve

GROUPS = """\
[groups]
sales = {roles = ["rep"], deals = ["D-*"]}
deal-desk = {roles = ["approver:director"]}
machines = {roles = ["feed"], for = ["ana@example.com"]}
"""
AT = 1_000.0


@pytest.fixture(scope="module")
def running() -> Iterator[LocalIssuer]:
    """Return an issuer that runs."""
    with issuing() as found:
        yield found


@pytest.fixture
def issuer(running: LocalIssuer) -> Iterator[LocalIssuer]:
    """Return it as it was in the beginning."""
    keys = dict(running.keys)
    running.asked, running.answers, running.more = 0, True, []
    yield running
    running.keys = keys


def settings(issuer: LocalIssuer, folder: Path, text: str = GROUPS) -> Path:
    """Write the file of an issuer."""
    path = folder / "oidc.toml"
    path.write_text(f'issuer = "{issuer.url}"\naudience = "{AUDIENCE}"\nname = "email"\n{text}')
    return path


class Reader:
    """Our side of it, with a clock of its own."""

    def __init__(self, issuer: LocalIssuer, folder: Path) -> None:
        self.now = AT
        self.of = oidc.Issuer(read_settings(settings(issuer, folder)), lambda: self.now)
        self.of.read()

    def find(self, token: str, now: float | None = None) -> Any:
        """Return who it is, or the status and why it is nobody's."""
        try:
            return asyncio.run(self.of.find(token, int(time.time() if now is None else now)))
        except Problem as wrong:
            return wrong.details.status, wrong.details.findings[0].message


@pytest.mark.parametrize("kid", ["r1", "e1", "o1"])
def test_a_token_of_the_issuer_names_somebody_and_what_they_may(issuer: LocalIssuer, tmp_path: Path, kid: str) -> None:
    """By each kind of key; names are folded, and groups that mean nothing here give nothing."""
    who = Reader(issuer, tmp_path).find(issuer.token(kid, groups=["sales", "deal-desk", "canteen"]))
    assert (who.sub, who.roles) == ("ana@example.com", {Role.REP, Role.APPROVER})
    assert (who.authority, who.deals) == (("director",), ("*",))
    only = Reader(issuer, tmp_path).find(issuer.token(kid, groups="sales", aud=["other", AUDIENCE]))
    assert (only.deals, only.key.startswith("oidc-")) == (("D-*",), True)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"iss": "http://127.0.0.1:1"}, "another issuer"),
        ({"iss": None}, "another issuer"),
        ({"aud": "other"}, "somebody else"),
        ({"aud": None}, "somebody else"),
        ({"aud": {"walkaway": 1}}, "somebody else"),
        ({"exp": int(time.time()) - 61}, "expired"),
        ({"exp": None}, "never expires"),
        ({"exp": "soon"}, "no instant"),
        ({"exp": True}, "no instant"),
        ({"nbf": int(time.time()) + 3600}, "not count yet"),
        ({"email": None}, "names nobody"),
        ({"email": 7}, "names nobody"),
        ({"sub": None}, "names nobody"),
        ({"groups": None}, "none of this token's groups"),
        ({"groups": [["sales"], 7, None]}, "none of this token's groups"),
        ({"groups": ["sales", "machines"]}, "do not go together"),
        ({"email": "a\x00b"}, "do not go together"),
    ],
)
def test_a_wrong_claim_makes_it_nobodys(issuer: LocalIssuer, tmp_path: Path, more: dict[str, Any], why: str) -> None:
    """Its signature alone is not enough."""
    status, message = Reader(issuer, tmp_path).find(issuer.token(**more))
    assert status == (403 if "group" in message else 401)
    assert why in message


def part(data: bytes) -> str:
    """Return a part of a token."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def forged(issuer: LocalIssuer) -> dict[str, str]:
    """Return tokens that look like the issuer's."""
    public = issuer.keys["r1"][1].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    body = part(json.dumps(issuer.claims()).encode())
    real = issuer.token("r1")
    plain, claimed = part(b'{"alg":"none","kid":"r1"}'), part(b'{"alg":"ES256","kid":"r1"}')
    found = {"no signature": f"{plain}.{body}.", "cut": real[:-4], "none": "x.y.z"}
    head = part(b'{"alg":"HS256","kid":"r1"}')
    signed = hmac.new(public, f"{head}.{body}".encode(), hashlib.sha256).digest()
    found["public key as a secret"] = f"{head}.{body}.{part(signed)}"
    first, second, third = real.split(".")
    found["other claims"] = f"{first}.{part(json.dumps(issuer.claims(groups=['deal-desk'])).encode())}.{third}"
    found["other algorithm"] = f"{claimed}.{second}.{third}"
    found["own key in it"] = issuer.token("r1", {"kid": "evil", "jku": issuer.url, "jwk": {"kty": "oct", "k": "AA"}})
    found["critical"] = issuer.token("r1", {"crit": ["b64"], "b64": True})
    found["no name of a key"] = jwt.encode(issuer.claims(), issuer.keys["r1"][1], "RS256")
    found["long"] = issuer.token("r1", much="x" * (16 << 10))
    return found


def test_what_its_issuer_did_not_sign_is_nobodys(issuer: LocalIssuer, tmp_path: Path) -> None:
    """The key says by which algorithm it counts; a token says nothing of that."""
    reader = Reader(issuer, tmp_path)
    told = {name: reader.find(token) for name, token in forged(issuer).items()}
    assert {name: found[0] for name, found in told.items()} == dict.fromkeys(told, 401)


def test_keys_for_something_else_do_not_count(issuer: LocalIssuer, tmp_path: Path) -> None:
    """For encryption, secret, too short, or of another curve: none of them lets anybody in."""
    short = rsa.generate_private_key(65537, 1024)
    plain = json.loads(RSAAlgorithm.to_jwk(short.public_key()))
    right = issuer.published()[0]
    issuer.more = [
        {**plain, "kid": "short"}, {"kty": "oct", "k": part(b"x" * 32), "kid": "oct", "alg": "HS256"},
        {**right, "kid": "enc", "use": "enc"}, {**right, "kid": "other", "alg": "PS256"}, {**right, "kid": 7}, "x",
        {**right, "kid": "signs", "key_ops": ["sign"]}, {**right, "kid": "says nothing", "key_ops": 5},
    ]  # fmt: skip
    assert set(Reader(issuer, tmp_path).of.keys) == {"r1", "e1", "o1"}


def test_a_new_key_counts_and_one_that_is_gone_does_not(issuer: LocalIssuer, tmp_path: Path) -> None:
    """Rotation: a key that nobody knew is looked for at once, and one that was taken out ends within ten minutes."""
    reader = Reader(issuer, tmp_path)
    old = issuer.token("e1")
    del issuer.keys["e1"]
    issuer.keys["o2"] = ("EdDSA", ed25519.Ed25519PrivateKey.generate())
    assert reader.find(old).sub == "ana@example.com"
    reader.now += AGAIN_S
    assert reader.find(issuer.token("o2")).sub == "ana@example.com"
    assert reader.find(old)[0] == 401
    reader.now += KEPT_S + 1
    asked = issuer.asked
    assert reader.find(issuer.token("o2")).sub == "ana@example.com"
    assert issuer.asked == asked + 1


def test_a_storm_of_unknown_keys_asks_the_issuer_once_a_minute(issuer: LocalIssuer, tmp_path: Path) -> None:
    """However many come at once, and whether it answers or not."""
    reader = Reader(issuer, tmp_path)
    reader.now += AGAIN_S

    async def storm() -> None:
        tokens = [issuer.token("r1", {"kid": f"k-{n}"}) for n in range(20)]
        await asyncio.gather(*(reader.of.find(t, int(time.time())) for t in tokens), return_exceptions=True)

    for answers in (True, False):
        issuer.asked, issuer.answers = 0, answers
        asyncio.run(storm())
        asyncio.run(storm())
        assert issuer.asked <= 1
        reader.now += AGAIN_S


def test_an_issuer_that_is_away_is_missed_after_an_hour(issuer: LocalIssuer, tmp_path: Path) -> None:
    """Its keys count meanwhile, and then nobody's token does, until it is back."""
    reader = Reader(issuer, tmp_path)
    issuer.answers = False
    reader.now += LASTS_S - 1
    assert reader.find(issuer.token()).sub == "ana@example.com"
    reader.now += 2
    assert reader.find(issuer.token())[0] == 503
    issuer.answers = True
    reader.now += AGAIN_S
    assert reader.find(issuer.token()).sub == "ana@example.com"


@pytest.mark.parametrize(
    "answer", [b"no HTTP\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{}", b"HTTP/1.1 200 OK\r\n\r\n[]"]
)
def test_what_answers_otherwise_than_an_issuer_is_a_finding(answer: bytes) -> None:
    """No HTTP, less than it announces, or no object: each is said of the issuer, and stops nobody with an error."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def once() -> None:
            with closing(server.accept()[0]) as connection:
                connection.recv(4096)
                connection.sendall(answer)

        thread = threading.Thread(target=once, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(EdgeProblem):
            oidc.Issuer(oidc.IssuerSettings(url, AUDIENCE, {}), lambda: AT).read()
        thread.join(5)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('groups = {sales = {roles = ["king"]}}', "`king` is no role"),
        ('groups = {sales = {roles = ["agent"]}}', "deals that are named"),
        ('groups = {sales = {role = ["rep"]}}', "group"),
        ('groups = ["sales"]', "groups"),
        ('jwks = "http://elsewhere.example/keys"\ngroups = {}', "https://"),
        ('groups = {}\nsecret = "x"', "secret"),
        ("groups = {", "no TOML"),
    ],
)
def test_a_file_that_says_something_else_is_refused(issuer: LocalIssuer, tmp_path: Path, text: str, why: str) -> None:
    """Before the server starts, with the place."""
    with pytest.raises(EdgeProblem, match="--oidc") as wrong:
        read_settings(settings(issuer, tmp_path, text + "\n"))
    assert why in str(wrong.value)


def test_a_server_takes_both_kinds_of_tokens(issuer: LocalIssuer, tmp_path: Path) -> None:
    """What is done by one of the issuer's is recorded under its name; it logs in, and no line of the log holds it."""
    token = issuer.token()
    with serving(tmp_path, "--oidc", str(settings(issuer, tmp_path))) as server:
        ana, otto = Client(server.url, token), Client(server.url, new_token(tmp_path, "auditor", sub="otto"))
        assert ana.opens("D-1").status == 201
        assert ana.opens("E-1").status == 404
        (row,) = otto.get("/v1/decisions").json["decisions"]
        assert row["event"]["actor"] == "ana@example.com"
        late = Client(server.url, issuer.token(exp=int(time.time()) - 100)).get("/v1/deals")
        assert (late.status, late.codes) == (401, ["no-token"])
        assert 'error="invalid_token"' in late.headers["www-authenticate"]
        form = {"Content-Type": "application/x-www-form-urlencoded", "Origin": server.url}
        entered = Client(server.url).call("POST", "/login", f"token={token}".encode(), form)
        cookie = entered.headers["set-cookie"].partition(";")[0]
        assert b"D-1" in Client(server.url).get("/deals", Cookie=cookie).body
        for left in (2, 8, 32, 128):  # a minute after its end a token is still taken: for so long it is from now on
            soon = issuer.token(exp=int(time.time()) - 60 + left)
            brief = Client(server.url).call("POST", "/login", f"token={soon}".encode(), form)
            if "set-cookie" in brief.headers:
                break
        cookie = brief.headers["set-cookie"].partition(";")[0]
        wait_for(lambda: Client(server.url).get("/deals", Cookie=cookie).headers.get("location") == "/login")
    for text in (token, token.split(".")[2]):
        assert text not in server.log()
