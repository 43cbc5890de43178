"""Visits of people in a browser: one-time links, cookies, form tokens. In memory, hashed: a restart ends them."""

import hashlib
import hmac
import secrets
from collections.abc import Callable

from walkaway_edge.http.identity import Identity

LASTS_S = 12 * 3600
"""So long a visit lasts."""
WAITS_S = 3600
"""So long a link waits for its one use: it may stand in the log of whatever started the server."""
MOST = 10_000


class Visits:
    """Who is logged in.

    Args:
        seconds: Tells the time, in seconds since 1970.
    """

    def __init__(self, seconds: Callable[[], float]) -> None:
        self.seconds, self.secret = seconds, secrets.token_bytes(32)
        self.visits: dict[bytes, tuple[Identity, float]] = {}
        self.links: dict[bytes, tuple[Identity, float]] = {}

    def link(self, identity: Identity) -> str:
        """Return the code of a link that lets somebody in once."""
        code = secrets.token_urlsafe(32)
        self.links[_hashed(code)] = (identity, self.seconds() + WAITS_S)
        return code

    def enter(self, code: str) -> Identity | None:
        """Return whom a link lets in, and let nobody in by it again."""
        found = self.links.pop(_hashed(code), None)
        return None if found is None or self.seconds() >= found[1] else found[0]

    def begin(self, identity: Identity) -> str:
        """Begin a visit, and return its cookie."""
        if len(self.visits) >= MOST:
            now = self.seconds()
            self.visits = {key: v for key, v in self.visits.items() if now < v[1]}
            while len(self.visits) >= MOST:
                del self.visits[next(iter(self.visits))]
        cookie = secrets.token_urlsafe(32)
        self.visits[_hashed(cookie)] = (identity, self.seconds() + LASTS_S)
        return cookie

    def find(self, cookie: str) -> Identity | None:
        """Return whose visit a cookie belongs to; nobody's where it has ended."""
        found = self.visits.get(_hashed(cookie))
        return None if found is None or self.seconds() >= found[1] else found[0]

    def end(self, cookie: str) -> None:
        """End a visit."""
        self.visits.pop(_hashed(cookie), None)

    def form_token(self, cookie: str) -> str:
        """Return what a form of this visit carries, so that no other site can send it."""
        return hmac.new(self.secret, cookie.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()

    def is_form_token(self, cookie: str, said: str) -> bool:
        """Return whether a form came from a page of this visit."""
        return hmac.compare_digest(self.form_token(cookie).encode(), said.encode("utf-8", "surrogatepass"))


def _hashed(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
