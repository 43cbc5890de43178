"""A login in the browser at an issuer: the code flow of OpenID Connect, with PKCE, a state, and a nonce.

What comes back counts once, within ten minutes, in the browser in which it began, and for the very token that was asked
for: a code that somebody else has is worth nothing without the verifier, which never leaves this server.
"""

import asyncio
import base64
import hashlib
import hmac
import secrets
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from walkaway_edge.files.keeps import read_private
from walkaway_edge.http.answers import Problem, problem
from walkaway_edge.http.identity import Identity
from walkaway_edge.http.oidc import AGAIN_S, KEPT_S, Issuer, LoginSettings, document, is_safe, opened
from walkaway_edge.problems import EdgeProblem

BACK = "/login/back"
"""Where the issuer sends the browser; it has to be registered there."""
WAITS_S = 600
"""So long somebody may take to log in at the issuer."""
MOST = 10_000
_AT_ONCE = 2
"""So many ask the issuer at once: whoever logs in has no token yet, and takes no more of the server's threads."""


class _LoginBegun(msgspec.Struct, frozen=True):
    """What is known of somebody who is at the issuer: their browser by its cookie's hash, and what only they bring."""

    cookie: bytes
    nonce: str
    verifier: str
    until: float


class _Endpoints(msgspec.Struct, frozen=True):
    authorization: str
    token: str
    says_issuer: bool
    read_at: float


class BrowserLogin:
    """Lets people in by the issuer. It is used inside of one event loop.

    Args:
        url: Where this server is reached.
        seconds: A clock that only goes forward, in seconds.
        post: Sends a form to an address, on a thread of its own.

    Raises:
        EdgeProblem: Where the secret's file cannot be read, or others can read it.
    """

    def __init__(
        self,
        issuer: Issuer,
        url: str,
        seconds: Callable[[], float],
        post: "Callable[[str, Mapping[str, str], Mapping[str, str]], bytes] | None" = None,
    ) -> None:
        assert issuer.settings.login is not None, "the file of the issuer says so"
        self.issuer, self.seconds, self.post = issuer, seconds, post or posted
        self.settings: LoginSettings = issuer.settings.login
        self.back = url + BACK
        self.secret = read_private(Path(self.settings.secret)).strip() if self.settings.secret else ""
        self.begun: dict[bytes, _LoginBegun] = {}
        self.endpoints: _Endpoints | None = None
        self.failed_at = float("-inf")
        self.asking = asyncio.Semaphore(_AT_ONCE)

    async def begin(self, cookie: str) -> str:
        """Return the issuer's address at which a browser logs in.

        Args:
            cookie: That the browser keeps meanwhile.

        Raises:
            EdgeProblem: Where the issuer does not say where that is.
        """
        where = await self._where()
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        now = self.seconds()
        if len(self.begun) >= MOST:
            self.begun = {key: each for key, each in self.begun.items() if now < each.until}
            while len(self.begun) >= MOST:
                del self.begun[next(iter(self.begun))]
        self.begun[_hashed(state)] = _LoginBegun(_hashed(cookie), nonce, verifier, now + WAITS_S)
        challenge = base64.urlsafe_b64encode(_hashed(verifier)).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": self.settings.client,
            "redirect_uri": self.back,
            "scope": " ".join(self.settings.scopes),
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return f"{where.authorization}{'&' if '?' in where.authorization else '?'}{urlencode(asked)}"

    async def end(self, came: Mapping[str, str], cookie: str, now: int) -> Identity:
        """Return who has come back.

        Args:
            came: What stands behind the address to which the issuer sent the browser.
            now: Seconds since 1970.

        Raises:
            Problem: Where it is nobody: it says why in words for them.
            EdgeProblem: Where the issuer cannot be asked.
        """
        begun = self.begun.pop(_hashed(came.get("state", "")), None)
        if begun is None or self.seconds() >= begun.until:
            raise _no("this login was used, took too long, or did not begin here")
        if not hmac.compare_digest(begun.cookie, _hashed(cookie)):
            raise _no("this login began in another browser")
        where = await self._where()
        if came.get("iss", "" if where.says_issuer else self.issuer.settings.issuer) != self.issuer.settings.issuer:
            raise _no("another issuer answered")
        if "error" in came or not came.get("code"):
            denied = came.get("error") == "access_denied"
            raise _no("the issuer did not let you in" if denied else "the issuer could not log you in")
        token = await self._token(where, came["code"], begun.verifier)
        said = await self.issuer.verified(token, now)
        if not isinstance(said.get("nonce"), str) or not hmac.compare_digest(
            said["nonce"].encode("utf-8", "surrogatepass"), begun.nonce.encode()
        ):
            raise _no("the issuer answered another login")
        party, audience = said.get("azp"), said.get("aud")
        if party not in (None, self.settings.client) or (
            party is None and isinstance(audience, list) and len(audience) > 1
        ):
            raise _no("the issuer's answer is for another program")
        who = self.issuer.identity(said, now, self.settings.client)
        return msgspec.structs.replace(who, until=now + self.settings.hours * 3600)

    async def _token(self, where: _Endpoints, code: str, verifier: str) -> str:
        """Have the issuer's code exchanged for its token.

        Raises:
            Problem, EdgeProblem: Where it is not.
        """
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.back, "code_verifier": verifier}
        headers = {}
        if self.secret:
            both = f"{quote(self.settings.client, safe='')}:{quote(self.secret, safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(both.encode()).decode()}"
        else:
            form["client_id"] = self.settings.client
        try:
            async with self.asking:
                found = document(await asyncio.to_thread(self.post, where.token, form, headers)).get("id_token")
        except EdgeProblem as error:
            if isinstance(error.__cause__, urllib.error.HTTPError) and error.__cause__.code in (400, 401, 403):
                raise _no("the issuer took the login back") from error
            raise
        if not isinstance(found, str):
            raise _no("the issuer took the login back")
        return found

    async def _where(self) -> _Endpoints:
        """Return where the issuer logs people in.

        Raises:
            EdgeProblem: Where it does not say so; what it said within ten minutes counts, and that it did not for one.
        """
        async with self.asking:
            now = self.seconds()
            if self.endpoints is None or now - self.endpoints.read_at > KEPT_S:
                if now - self.failed_at < AGAIN_S:
                    raise EdgeProblem(f"{self.issuer.settings.issuer} did not say a minute ago where people log in")
                try:
                    self.endpoints = await asyncio.to_thread(self._read, now)
                except EdgeProblem:
                    self.failed_at = now
                    raise
            return self.endpoints

    def _read(self, now: float) -> _Endpoints:
        said = document(self.issuer.fetch(self.issuer.discovery))
        places = [str(said.get(f"{name}_endpoint", "")) for name in ("authorization", "token")]
        if said.get("issuer") != self.issuer.settings.issuer or not all(map(is_safe, places)):
            what = f"{self.issuer.settings.issuer}: its discovery document names another issuer, or no place to log in"
            raise EdgeProblem(what)
        methods: Any = said.get("code_challenge_methods_supported", ["S256"])
        if "S256" not in methods:
            raise EdgeProblem(f"{self.issuer.settings.issuer} takes no proof key (PKCE, S256)")
        is_said = said.get("authorization_response_iss_parameter_supported") is True
        return _Endpoints(places[0], places[1], is_said, now)


def posted(address: str, form: Mapping[str, str], headers: Mapping[str, str]) -> bytes:
    """Send a form to an issuer and return what it answers.

    Raises:
        EdgeProblem: Where it cannot be sent.
    """
    kind = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    request = urllib.request.Request(address, urlencode(form).encode(), {**kind, **headers})
    return opened(request)


def _hashed(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def _no(why: str) -> Problem:
    return problem("no-token", why)
