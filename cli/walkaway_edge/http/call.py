"""One call: who asks, for what, with which body. What is common to all handlers stands here, and no route."""

import hashlib
import json
import re
import secrets
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from starlette.responses import Response

from walkaway import Code, DealState, History, InvalidInput, Session
from walkaway.language import datetime_of, instant_of
from walkaway.language.values import folded as as_compared
from walkaway_edge.http.answers import Problem, problem, several
from walkaway_edge.http.checkpoints import CheckpointFolder
from walkaway_edge.http.identity import PEOPLE, READERS, Identity, Role, folded
from walkaway_edge.http.jobs import Jobs
from walkaway_edge.http.kept import KeptFile
from walkaway_edge.http.limits import CallLimits
from walkaway_edge.http.oidc import Issuer
from walkaway_edge.http.oidc_login import BrowserLogin
from walkaway_edge.http.requests import Requests
from walkaway_edge.http.tokens import PREFIX, Tokens
from walkaway_edge.http.visits import Visits
from walkaway_edge.permits.tokens import Permits
from walkaway_edge.salts import random_bytes

SKEW_S = 60
"""Seconds by which other clocks may go ahead of the server's."""
LIMIT = 100
MOST = 1000
_encode = msgspec.json.Encoder(order="sorted").encode
_objects = msgspec.json.Decoder(dict[str, Any]).decode
_BLANK = bytes.maketrans(b"\r\n\t", b"   ")
_TAG = re.compile(r'\s*(?:W/)?"([^"]*)"\s*')


_OWN = frozenset({Role.REP, Role.FEED, Role.AGENT, Role.CUSTOMER, Role.EXECUTOR})
"""Who sees the deals that they were given, and no others."""


def utc_now() -> datetime:
    """Return what the server's clock says."""
    return datetime.now(UTC)


class Front(msgspec.Struct):
    """What a server keeps beside its session.

    Attributes:
        chart: Draws the course of a deal as an SVG document.
        clock: Tells the time, in UTC.
        url: Where the server is reached.
        key: Makes the tags of states; another one at each start.
        limits: Count how often each token asks; none where any number of calls may come.
        issuer: Of OpenID Connect, whose tokens count too; none where only those made here do.
        login: Lets people in by the issuer; none where they have tokens alone.
        permits: Signs what an agent may have said; none where the server has no key for that.
        kept: A file beside the log.
        jobs: Done beside the desk; none where nothing does them.
        cases: The text of the cases that stand beside the policy; empty where none do.
        checkpoints: Signed of the log; none where nobody says where they are.
        is_log_public: Whether checkpoints, and what is proved with them, are for whoever asks.
    """

    tokens: Tokens
    visits: Visits
    requests: Requests
    chart: Callable[[History], str]
    url: str
    clock: Callable[[], datetime] = utc_now
    key: bytes = msgspec.field(default_factory=lambda: secrets.token_bytes(32))
    permits: Permits | None = None
    limits: CallLimits | None = None
    issuer: Issuer | None = None
    login: BrowserLogin | None = None
    kept: KeptFile = msgspec.field(default_factory=KeptFile)
    jobs: Jobs | None = None
    checkpoints: CheckpointFolder | None = None
    is_log_public: bool = False
    cases: str = ""

    async def holder(self, token: str, now: int) -> Identity | None:
        """Return whose a token is: one that was made here, or by the issuer; nobody's where neither made it.

        Args:
            now: Seconds since 1970.

        Raises:
            Problem: Where the issuer's does not count.
        """
        if self.issuer is None or token.startswith(PREFIX):
            return self.tokens.find(token, now)
        return await self.issuer.find(token, now)

    def fresh_id(self) -> str:
        """Return what no event is called yet."""
        return random_bytes(12).hex()

    def now(self) -> str:
        """Return the instant, RFC 3339."""
        return self.clock().isoformat(timespec="seconds").replace("+00:00", "Z")


class Call(msgspec.Struct, frozen=True):
    """A call as a handler has it.

    Attributes:
        params: What the address names, by the names of its template.
        query: What stands behind the address, each key once.
        matches: The state that is meant, as `If-Match` says it; none where it does not.
        body: As it came; empty where there is none.
        made: Names what is recorded by a call that has an `Idempotency-Key`; empty where it has none.
    """

    front: Front
    who: Identity
    params: Mapping[str, str] = {}
    query: Mapping[str, str] = {}
    matches: str | None = None
    body: bytes = b""
    made: str = ""

    def fresh_id(self) -> str:
        """Return what no event is called yet but one that this very call has recorded before."""
        return self.made or self.front.fresh_id()

    @property
    def deal(self) -> str:
        """Return the deal that the address names."""
        return self.params["deal"]

    def object(self) -> dict[str, Any]:
        """Return the body's JSON object.

        Raises:
            Problem: Where it is none.
        """
        try:
            return _objects(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ArithmeticError) as error:
            raise problem("not-json", f"this is no JSON object: {_sentence(error)}") from error

    def read(self, known: Collection[str]) -> dict[str, Any]:
        """Return the body's JSON object, whose keys all stand there once and are known ones; none names who acts.

        Raises:
            Problem: With every field that may not stand there.
        """
        body = self.object()
        several(
            [
                *(problem("repeated-key", f"`{key[:40]}` stands twice in one object") for key in repeated(self.body)),
                *nameless(body),
                *(_unknown(key, known) for key in body if key not in known and key not in _NAMES),
            ]
        )
        return body

    def number(self, name: str, default: int, most: int) -> int:
        """Return a whole number of the query."""
        text = self.query.get(name)
        if text is None:
            return default
        if not text.isascii() or not text.isdigit() or len(text) > 19 or int(text) > most:
            raise problem("bad-query", f"`{name}` is a whole number up to {most}", hint=f"write `{name}={default}`")
        return int(text)

    def sees(self, deal: str, session: Session | None = None) -> bool:
        """Return whether a deal is any business of whoever asks.

        Args:
            session: By which it is looked for who was asked meanwhile.
        """
        roles = self.who.roles
        if roles & READERS or (roles & _OWN and self.who.covers(deal)):
            return True
        return Role.APPROVER in roles and self.who.covers(deal) and self.front.requests.has(deal, session)

    def state(self, session: Session, deal: str) -> DealState:
        """Return where a deal stands.

        Raises:
            Problem: Where there is none, or it is no business of whoever asks: the same answer.
        """
        found = self.existing(session, deal) if self.sees(deal, session) else None
        if found is None:
            raise problem("absent")
        return found

    def existing(self, session: Session, deal: str) -> DealState | None:
        """Return where a deal stands; none where there is none."""
        try:
            return session.state(deal)
        except InvalidInput as error:
            if error.findings[0].code is Code.NOT_OPENED:
                return None
            raise

    def tag(self, deal: str, events: tuple[str, ...]) -> str:
        """Return the strong entity tag of a deal after some events; it tells nothing of them."""
        last = events[-1] if events else ""
        said = _encode([deal, len(events), last, sorted(self.who.roles)])
        return hashlib.blake2b(said, digest_size=12, key=self.front.key).hexdigest()

    def fresh(self, state: DealState) -> None:
        """See to it that somebody who writes has seen the deal as it is; a feed need not say.

        Raises:
            Problem: Where they do not say which state they mean, or it is not this one any more.
        """
        if self.matches is None:
            if self.who.may(PEOPLE):
                raise problem("no-if-match")
            return
        meant = {found[1] for part in self.matches.split(",") if (found := _TAG.fullmatch(part))}
        now = self.tag(state.deal, state.events)
        if now in meant or self.matches.strip() == "*":
            return
        tags = {self.tag(state.deal, state.events[:n]): n for n in range(len(state.events))}
        since = max((n for tag, n in tags.items() if tag in meant), default=None)
        new = "" if since is None else f": since then came {', '.join(f'`{e}`' for e in state.events[since:][:20])}"
        raise problem("stale-deal", f"deal `{state.deal}` has moved on{new}", headers={"ETag": f'"{now}"'})

    def at(self, session: Session, state: DealState | None, event: str = "") -> str:
        """Return when something happens that does not say so: now, and never before the deal's latest event.

        Args:
            event: Its id: one that is there already happened when it did.
        """
        now = self.front.now()
        if state is None:
            return now
        if event in state.events:
            return next(turn.at for turn in session.history(state.deal).turns if turn.event == event)
        return max(now, state.last, key=datetime_of)

    def is_to_come(self, at: Any, state: DealState | None) -> bool:
        """Return whether an instant is later than now, and than the deal's latest event: nothing has happened then.

        What is no instant is the engine's to tell.
        """
        found, last = instant_of(at), None if state is None else instant_of(state.last)
        now = int((self.front.clock().timestamp() + SKEW_S) * 1_000_000)
        return found is not None and found > max(now, last or 0)

    def is_same(self, session: Session, name: str) -> bool:
        """Return whether a name is that of whoever asks, however it is spelled or declared in the policy."""
        return is_one_person(session, self.who.sub, name)


def is_one_person(session: Session, one: str, other: str) -> bool:
    """Return whether two names are one person's, however they are spelled or declared in the policy."""
    people, one, other = session.policy.people, folded(one), folded(other)
    return people.get(one, one) == people.get(other, other)


def acts_as(session: Session, name: str) -> str:
    """Return the role in which somebody acts by the policy; empty where it does not say that."""
    return session.policy.spoken_as.get(as_compared(name), "")


def capacity(call: Call, session: Session) -> str:
    """Return in which role somebody says terms of ours, where the policy has mandates: their highest, or `rep`.

    Empty, too, where the policy itself says in which role they act.
    """
    if acts_as(session, call.who.sub):
        return ""
    entry = session.policy.catalog.get("offer.role")
    held = [
        role
        for role in (*session.policy.roles, Role.REP, Role.AGENT)
        if role in call.who.authority or role in call.who.roles
    ]
    known = [role for role in held if entry is not None and role in entry.unit.choices]
    return max(known, key=lambda role: session.policy.ranks.get(role, -1), default="")


def answer(found: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return an answer as JSON."""
    return Response(_encode(found), status, dict(headers or {}), "application/json")


def spliced(body: bytes, more: Mapping[str, object]) -> bytes:
    """Add fields to a JSON object that was read, and leave the rest of its bytes as they came, on one line."""
    end = body.rstrip()[:-1].translate(_BLANK).rstrip()
    comma = b"" if end.endswith(b"{") and end.strip() == b"{" else b", "
    return end + (comma + _encode(dict(more))[1:] if more else b"}")


def repeated(body: bytes) -> list[str]:
    """Return the keys that stand twice in one object of a JSON text, which most readers pass over."""
    found: list[str] = []

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        seen = dict(items)
        if len(seen) < len(items):
            found.extend(name for name, times in Counter(name for name, _ in items).items() if times > 1)
        return seen

    try:
        if body.count(b":") == _keys(_objects(body)):
            return []  # each key that is written has its own colon, so that none stands twice
        json.loads(body, object_pairs_hook=pairs, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return []  # what is no JSON was told before
    return found


def _keys(value: object) -> int:
    """Return how many keys there are in a JSON value."""
    if isinstance(value, dict):
        return len(value) + sum(map(_keys, value.values()))
    return sum(map(_keys, value)) if isinstance(value, list) else 0


_NAMES = ("actor", "approver", "role")


def nameless(body: Mapping[str, Any]) -> list[Problem]:
    """Return what a body says of who acts, which only the token says."""
    return [
        problem("identity-in-body", f"`{name}` is said by the token, and not in the body", f"/{name}")
        for name in _NAMES
        if name in body
    ]


def texts(body: Mapping[str, Any], key: str) -> dict[str, str]:
    """Return an object of texts, as terms are.

    Raises:
        Problem: Where it is something else.
    """
    value = body.get(key, {})
    if not isinstance(value, dict):
        raise problem("wrong-field", f"`{key}` is an object of texts", f"/{key}", 'write `{"discount": "12%"}`')
    wrong = [n for n, v in value.items() if not isinstance(v, str)]
    several(
        problem(
            "wrong-field",
            f"`{n[:40]}` is text as people write it",
            f"/{key}/{_escaped(n)}",
            _typed(n),
        )
        for n in wrong
    )
    return value


def _typed(term: str) -> str:
    lines = 'write `"A-1: discount 12%; B-2: discount 0%"`, every line of the deal'
    return lines if term == "lines" else 'write `"12%"`'


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def pointed(*keys: str) -> str:
    """Return a pointer (RFC 6901) to what stands under some keys, each within the one before."""
    return "".join(f"/{_escaped(key)}" for key in keys)


def _unknown(key: str, known: Collection[str]) -> Problem:
    hint = f"known here: {', '.join(f'`{k}`' for k in sorted(known))}"
    return problem("unknown-field", f"`{key[:40]}` is no field of this", f"/{_escaped(key)}", hint)


def _sentence(error: Exception) -> str:
    return str(error)[:200].replace("\n", " ") if isinstance(error, msgspec.DecodeError) else type(error).__name__
