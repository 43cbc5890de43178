"""Tokens of an OpenID Connect issuer: who signed one, for whom it is, and which roles its groups have here.

Keys are the issuer's (JWKS), read anew every ten minutes, and once a minute at most for a key that nobody knows. Which
algorithm counts is said by the key, never by the token.
"""

import asyncio
import hashlib
import http.client
import json
import tomllib
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import jwt
import msgspec

from walkaway_edge.files.names import reason
from walkaway_edge.http.answers import Problem, problem
from walkaway_edge.http.identity import Identity, identity
from walkaway_edge.problems import EdgeProblem

KEPT_S = 600
"""So long keys count before they are read anew."""
AGAIN_S = 60
"""An unknown key has them read anew once in this time, and an issuer that does not answer is asked again after it."""
LASTS_S = 3600
"""So long they count while the issuer cannot be reached."""
SKEW_S = 60
LONGEST = 16 << 10
_MOST = 1 << 20
_PATIENCE_S = 5
_ALGORITHMS = {("RSA", ""): "RS256", ("EC", "P-256"): "ES256", ("OKP", "Ed25519"): "EdDSA"}
"""Type and curve of a key → the one algorithm by which it counts."""
_UNASKED: Any = {f"verify_{claim}": False for claim in ("exp", "nbf", "iat", "aud", "iss", "sub", "jti")}
"""Claims that are looked at here, and not by the reader of signatures."""
_HEADERS = {"WWW-Authenticate": 'Bearer realm="walkaway", error="invalid_token"'}


class IssuerGroup(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What members of one of the issuer's groups may here.

    Attributes:
        roles: As of `walkaway token new`.
        deals: Patterns of the deals they see; all, if left out.
        behalf: People for whom a feed speaks, `for` where it is written.
    """

    roles: tuple[str, ...]
    deals: tuple[str, ...] = ()
    behalf: tuple[str, ...] = msgspec.field(default=(), name="for")


class LoginSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a file says of a login in the browser.

    Attributes:
        client: As what we are registered at the issuer.
        secret: The file that holds our secret there, as seen from this one; empty for a client that has none.
        scopes: What is asked for.
        hours: So long a visit lasts that began so.
    """

    client: str
    secret: str = ""
    scopes: tuple[str, ...] = ("openid",)
    hours: Annotated[int, msgspec.Meta(ge=1, le=12)] = 12


class IssuerSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a file says of an issuer.

    Attributes:
        issuer: Its address, as `iss` of its tokens has it.
        audience: What `aud` has to name: us.
        groups: Group → what its members may.
        jwks: Where its keys are; by its discovery document, if left out.
        name: The claim that names the person; approvals and audits know people by it.
        claim: The claim that lists somebody's groups.
        login: How people log in there with a browser; none where they cannot.
    """

    issuer: str
    audience: str
    groups: dict[str, IssuerGroup]
    jwks: str = ""
    name: str = "sub"
    claim: str = "groups"
    login: LoginSettings | None = None


def read_settings(path: Path) -> IssuerSettings:
    """Read the file of an issuer.

    Raises:
        EdgeProblem: Where it cannot be read, or says something else.
    """
    try:
        found = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), IssuerSettings)
    except OSError as wrong:
        raise EdgeProblem(f"--oidc {path}: it cannot be read: {reason(wrong)}") from wrong
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise EdgeProblem(f"--oidc {path}: it is no TOML: {str(wrong)[:200]}") from wrong
    except msgspec.ValidationError as wrong:
        hint = "write `issuer`, `audience` and `groups`, see docs/serve.md"
        raise EdgeProblem(f"--oidc {path}: {str(wrong)[:200]}", hint) from wrong
    for address in (found.issuer, *([found.jwks] if found.jwks else [])):
        if not is_safe(address):
            raise EdgeProblem(f"--oidc {path}: `{address[:200]}` does not begin with https://")
    if found.login is not None and found.login.secret:
        beside = str(path.parent / found.login.secret)
        found = msgspec.structs.replace(found, login=msgspec.structs.replace(found.login, secret=beside))
    for name, group in found.groups.items():
        try:
            identity("somebody", group.roles, group.deals, group.behalf)
        except EdgeProblem as wrong:
            raise EdgeProblem(f"--oidc {path}: group `{name[:100]}`: {wrong}", wrong.hint) from wrong
    return found


class Issuer:
    """Says who somebody is by a token of an issuer. It is used inside of one event loop.

    Args:
        seconds: A clock that only goes forward, in seconds.
        fetch: Reads an address, on a thread of its own.
    """

    def __init__(
        self, settings: IssuerSettings, seconds: Callable[[], float], fetch: Callable[[str], bytes] | None = None
    ) -> None:
        self.settings, self.seconds, self.fetch = settings, seconds, fetch or fetched
        self.keys: dict[str, tuple[str, Any]] = {}
        self.read_at = self.tried_at = float("-inf")
        self.reading: asyncio.Task[None] | None = None

    @property
    def discovery(self) -> str:
        """Return where the issuer's own description is."""
        return f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration"

    def read(self) -> None:
        """Read the keys.

        Raises:
            EdgeProblem: Where they cannot be read; those that were read before stay.
        """
        self.tried_at = self.seconds()
        where = self.settings.jwks
        if not where:
            said = document(self.fetch(self.discovery))
            where = str(said.get("jwks_uri", ""))
            if said.get("issuer") != self.settings.issuer or not is_safe(where):
                raise EdgeProblem(f"{self.settings.issuer}: its discovery document names another issuer, or no keys")
        listed = document(self.fetch(where)).get("keys")
        found = dict(filter(None, map(_usable, listed if isinstance(listed, list) else [])))
        if not found:
            raise EdgeProblem(f"{where}: there is no key for signatures that counts here")
        self.keys, self.read_at = found, self.seconds()

    async def find(self, token: str, now: int) -> Identity:
        """Return whose a token is.

        Args:
            now: Seconds since 1970.

        Raises:
            Problem: Where it counts for nobody here.
        """
        return self.identity(await self.verified(token, now), now, self.settings.audience)

    async def verified(self, token: str, now: int) -> Mapping[str, Any]:
        """Return what a token says that the issuer signed; for whom and until when it counts is not asked here.

        Raises:
            Problem: Where it did not.
        """
        kid = _kid_of(token)
        await self._fresh(kid)
        if kid not in self.keys:
            if self.seconds() - self.read_at > LASTS_S:
                raise problem("busy", "the issuer's keys cannot be read", headers={"Retry-After": str(AGAIN_S)})
            raise _no("it is signed by a key that its issuer does not have")
        algorithm, key = self.keys[kid]
        try:
            said: Mapping[str, Any] = jwt.decode_complete(token, key, [algorithm], options=_UNASKED)["payload"]
        except jwt.PyJWTError:
            raise _no("its signature does not hold") from None
        return said

    async def _fresh(self, kid: str) -> None:
        """Have the keys read where they are too old, or one is not known; all who wait share one reading."""
        now = self.seconds()
        is_old = now - self.read_at > KEPT_S
        if (is_old or kid not in self.keys) and (self.reading is not None or now - self.tried_at >= AGAIN_S):
            if self.reading is None:
                self.reading = asyncio.create_task(self._read())
            await asyncio.shield(self.reading)
        if now - self.read_at > LASTS_S:
            self.keys = {}

    async def _read(self) -> None:
        try:
            await asyncio.to_thread(self.read)
        except EdgeProblem:
            pass  # what was read before counts for a while
        finally:
            self.reading = None

    def identity(self, said: Mapping[str, Any], now: int, audience: str) -> Identity:
        """Return who is meant by claims whose signature holds.

        Args:
            now: Seconds since 1970.
            audience: For whom they have to be.

        Raises:
            Problem: Where they count for nobody here.
        """
        settings = self.settings
        named = said.get("aud")
        if said.get("iss") != settings.issuer:
            raise _no("another issuer made it")
        if audience not in (named if isinstance(named, list) else [named]):
            raise _no("it is for somebody else (`aud`)")
        until, since = _instant(said, "exp"), _instant(said, "nbf")
        if until is None or now >= until + SKEW_S:
            raise _no("it has expired" if until is not None else "it never expires")
        if since is not None and now < since - SKEW_S:
            raise _no("it does not count yet")
        name, subject, groups = said.get(settings.name), said.get("sub"), said.get(settings.claim, [])
        if not isinstance(name, str) or not isinstance(subject, str) or not subject:
            raise _no(f"it names nobody (`{settings.name}`)")
        members = groups if isinstance(groups, list) else [groups]
        of = [settings.groups[group] for group in members if isinstance(group, str) and group in settings.groups]
        if not of:
            raise problem("not-your-role", "none of this token's groups has a role here")
        roles, deals, behalf = ([x for g in of for x in getattr(g, key)] for key in ("roles", "deals", "behalf"))
        if any(not group.deals for group in of):
            deals = []
        key = hashlib.sha256(msgspec.json.encode([settings.issuer, subject])).hexdigest()[:16]
        try:
            return msgspec.structs.replace(identity(name, roles, deals, behalf, f"oidc-{key}"), until=until + SKEW_S)
        except EdgeProblem as wrong:
            raise problem("not-your-role", f"this token's groups do not go together: {wrong}") from wrong


def fetched(address: str) -> bytes:
    """Read an address of an issuer; it is not led elsewhere.

    Raises:
        EdgeProblem: Where it cannot be read.
    """
    return opened(urllib.request.Request(address))


def opened(request: urllib.request.Request) -> bytes:
    """Return what an issuer answers; it leads nowhere else.

    Raises:
        EdgeProblem: Where it does not answer, or with an error.
    """
    address, opener = request.full_url, urllib.request.build_opener(_NoRedirect)
    try:
        with opener.open(request, timeout=_PATIENCE_S) as answer:
            data: bytes = answer.read(_MOST + 1)
    except urllib.error.HTTPError as wrong:
        wrong.close()
        raise EdgeProblem(f"{address} answers with status {wrong.code}", "is the issuer's address right?") from wrong
    except (OSError, ValueError, http.client.HTTPException) as wrong:
        raise EdgeProblem(f"{address} cannot be read", "is the issuer's address right, and is it reached?") from wrong
    if len(data) > _MOST:
        raise EdgeProblem(f"{address} is longer than 1 MiB")
    return data


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def _usable(jwk: object) -> tuple[str, tuple[str, Any]] | None:
    """Return a key for signatures by its name, with its algorithm; none where it does not count here."""
    if not isinstance(jwk, dict) or not isinstance(jwk.get("kid"), str) or jwk.get("use", "sig") != "sig":
        return None
    algorithm, uses = _ALGORITHMS.get((str(jwk.get("kty")), str(jwk.get("crv", "")))), jwk.get("key_ops", ["verify"])
    if (
        algorithm is None
        or jwk.get("alg", algorithm) != algorithm
        or not isinstance(uses, list)
        or "verify" not in uses
    ):
        return None
    try:
        key = jwt.PyJWK({k: v for k, v in jwk.items() if k != "d"}, algorithm).key
    except jwt.PyJWTError:
        return None
    if algorithm == "RS256" and key.key_size < 2048:
        return None
    return jwk["kid"], (algorithm, key)


def _kid_of(token: str) -> str:
    """Return which key a token says that it is signed by."""
    if len(token) > LONGEST:
        raise _no("it is longer than 16 KiB")
    try:
        head = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise _no("it is no signed token") from None
    if "crit" in head or not isinstance(head.get("kid"), str):
        raise _no("it does not say by which key it is signed, or wants what is not known here")
    kid: str = head["kid"]
    return kid


def document(data: bytes) -> Mapping[str, Any]:
    """Return the JSON object that an issuer answers.

    Raises:
        EdgeProblem: Where it answers something else.
    """
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as wrong:
        raise EdgeProblem("the issuer answers something else than JSON") from wrong
    if not isinstance(found, dict):
        raise EdgeProblem("the issuer answers something else than a JSON object")
    return found


def _instant(said: Mapping[str, Any], name: str) -> float | None:
    """Return an instant of claims, in seconds since 1970; none where nobody says."""
    value = said.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1 << 53:
        raise _no(f"`{name}` is no instant")
    return value


def is_safe(address: str) -> bool:
    """Return whether an address is one that nobody between can answer for: https, or this very machine."""
    try:
        parts = urlsplit(address)
        return bool(parts.hostname) and (
            parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1"))
        )
    except ValueError:
        return False


def _no(why: str) -> Problem:
    return problem("no-token", f"this token counts for nobody: {why}", headers=_HEADERS)
