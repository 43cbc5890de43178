"""An issuer of OpenID Connect on this machine: it has keys, publishes them, and signs what a test says."""

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

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
    """

    def __init__(self, url: str) -> None:
        self.url, self.asked, self.answers = url, 0, True
        self.keys: dict[str, tuple[str, Any]] = {
            "r1": ("RS256", _RSA),
            "e1": ("ES256", ec.generate_private_key(ec.SECP256R1())),
            "o1": ("EdDSA", ed25519.Ed25519PrivateKey.generate()),
        }
        self.more: list[dict[str, Any]] = []

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


@contextlib.contextmanager
def issuing() -> Iterator[LocalIssuer]:
    """Run an issuer until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.endswith("openid-configuration"):
                said: Any = {"issuer": found.url, "jwks_uri": f"{found.url}/keys"}
            else:
                found.asked += 1
                said = {"keys": found.published()}
            data = json.dumps(said).encode()
            self.send_response(200 if found.answers else 503)
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
