"""An issuer of OpenID Connect on this machine: it has keys, publishes them, and signs what a test says."""

import base64
import contextlib
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

AUDIENCE = "walkaway"
_RSA = rsa.generate_private_key(65537, 2048)


class LocalIssuer:
    """Its keys by name, and how often they were asked for.

    Attributes:
        keys: Name → algorithm and private key; changed to rotate them.
        answers: Whether it answers at all.
        asks: What browsers were sent with to log in, the latest last.
        codes: Code → what the browser was sent with, and what its token will say; each is given out once.
        logs_in: What the next login's token says beside the usual; a function of what the browser was sent with.
        secret: Of a client that has one.
    """

    def __init__(self, url: str) -> None:
        self.url, self.asked, self.answers = url, 0, True
        self.keys: dict[str, tuple[str, Any]] = {
            "r1": ("RS256", _RSA),
            "e1": ("ES256", ec.generate_private_key(ec.SECP256R1())),
            "o1": ("EdDSA", ed25519.Ed25519PrivateKey.generate()),
        }
        self.more: list[dict[str, Any]] = []
        self.asks: list[dict[str, str]] = []
        self.codes: dict[str, tuple[dict[str, str], dict[str, Any]]] = {}
        self.logs_in: Callable[[dict[str, str]], dict[str, Any]] = lambda _: {}
        self.secret = ""
        self.described: dict[str, Any] = {}

    def published(self) -> list[dict[str, Any]]:
        """Return the public keys as JSON Web Keys."""
        writers = {"RS256": RSAAlgorithm, "ES256": ECAlgorithm, "EdDSA": OKPAlgorithm}
        found = []
        for kid, (algorithm, key) in self.keys.items():
            jwk = json.loads(writers[algorithm].to_jwk(key.public_key()))  # type: ignore[attr-defined]
            found.append({**jwk, "kid": kid, "use": "sig", "alg": algorithm})
        return found + self.more

    def claims(self, **more: Any) -> dict[str, Any]:
        """Return what a token of somebody in sales says."""
        now = int(time.time())
        return {
            "iss": self.url, "aud": AUDIENCE, "sub": "u-1", "email": "Ana@example.com", "groups": ["sales"],
            "iat": now, "exp": now + 300, **more,
        }  # fmt: skip

    def token(self, kid: str = "r1", head: dict[str, Any] | None = None, **more: Any) -> str:
        """Return a signed token; a claim that is None is left out."""
        algorithm, key = self.keys[kid]
        said = {k: v for k, v in self.claims(**more).items() if v is not None}
        return jwt.encode(said, key, algorithm, headers={"kid": kid, **(head or {})})

    def description(self) -> dict[str, Any]:
        """Return its discovery document."""
        places = {"jwks_uri": "keys", "authorization_endpoint": "authorize", "token_endpoint": "token"}
        return {"issuer": self.url, **{name: f"{self.url}/{path}" for name, path in places.items()}, **self.described}

    def authorized(self, asked: dict[str, str]) -> str:
        """Log somebody in at once, and return where their browser goes on."""
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        self.asks.append(asked)
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked, self.logs_in(asked)
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.url})}"

    def exchanged(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """Return the token of a code, as RFC 6749 and RFC 7636 have it."""
        client = form.get("client_id", "")
        if self.secret:
            client, _, secret = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
            if unquote(secret) != self.secret:
                return 401, {"error": "invalid_client"}
        asked, more = self.codes.pop(form.get("code", ""), ({}, {}))
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if (
            form.get("grant_type") != "authorization_code"
            or asked.get("redirect_uri") != form.get("redirect_uri")
            or asked.get("code_challenge") != challenge.rstrip(b"=").decode()
            or asked.get("client_id") != unquote(client)
        ):
            return 400, {"error": "invalid_grant"}
        said = {"aud": client, "nonce": asked["nonce"], **more}
        return 200, {"token_type": "Bearer", "access_token": "x", "id_token": self.token(**said)}


@contextlib.contextmanager
def issuing() -> Iterator[LocalIssuer]:
    """Run an issuer until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            if path.endswith("openid-configuration"):
                said: Any = found.description()
            elif path == "/authorize":
                self.send_response(302)
                self.send_header("Location", found.authorized(dict(parse_qsl(query))))
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            else:
                found.asked += 1
                said = {"keys": found.published()}
            self.tell(200 if found.answers else 503, said)

        def do_POST(self) -> None:
            form = dict(parse_qsl(self.rfile.read(int(self.headers["content-length"])).decode()))
            status, said = found.exchanged(form, self.headers.get("authorization", ""))
            self.tell(status if found.answers else 503, said)

        def tell(self, status: int, said: Any) -> None:
            data = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = LocalIssuer(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
