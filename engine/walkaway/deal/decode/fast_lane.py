"""The fast lane: the commonest lines, checked for their shape while they are decoded."""

import sys
from collections.abc import Callable
from typing import Annotated, Any, Literal

import msgspec

from walkaway.deal.decode.reported import MAX_LINE, has_loose_keys
from walkaway.deal.decode.values import Readers, typed
from walkaway.events import EVERY_DEAL, THEM, US, Accept, AgentProbe, AnyEvent, Offer, Open, Party, Reject, Signal
from walkaway.language.native import line_reader
from walkaway.language.spelling import is_written
from walkaway.language.values import Value

LONGEST_NAME = 200
"""So many characters an id, a deal or an actor has at most."""
_MOST_NAMES = 64
"""Among up to so many issues or facts the native core finds one by comparing with each."""
_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_NAME)]


class _Plain(msgspec.Struct, tag_field="type", forbid_unknown_fields=True, gc=False):
    """The commonest lines, checked for their shape while they are decoded; whatever differs is read the long way."""

    id: _Name
    deal: _Name
    at: str


class _PlainOffer(_Plain, tag="offer", gc=False):
    by: Literal["us", "them"]
    terms: dict[str, str | bool | int]
    actor: _Name = ""


class _PlainOpen(_Plain, tag="open", gc=False):
    facts: dict[str, str | bool | int]
    actor: _Name = ""


class _PlainAccept(_Plain, tag="accept", gc=False):
    by: Literal["us", "them"]
    actor: _Name = ""
    issues: list[str] = []


class _PlainReject(_Plain, tag="reject", gc=False):
    by: Literal["us", "them"]
    actor: _Name = ""


class _PlainSignal(_Plain, tag="signal", gc=False):
    by: Literal["us", "them"]
    kind: str
    actor: _Name = ""


class _PlainProbe(_Plain, tag="probe", gc=False):
    asked: str
    yes: bool
    cost: Literal[0, 1, 2]
    actor: _Name = ""
    confirmed: bool | msgspec.UnsetType = msgspec.UNSET
    permit: _Name = ""


_KINDS = (Offer, Open, Accept, Reject, Signal)
"""The events that the native core reads, in its order."""
_PLAIN = msgspec.json.Decoder(_PlainOffer | _PlainOpen | _PlainAccept | _PlainReject | _PlainSignal | _PlainProbe)


class FastLane:
    """Decodes the plainest lines of the commonest types; says nothing about lines that are anything else."""

    def __init__(self, readers: Readers) -> None:
        self.issues, self.deal, self.instant = readers.issues, readers.deal, readers.instant
        self.signals, self.opens = readers.policy.signals, not readers.policy.home
        self.known = {name: reader.known for name, reader in readers.issues.items()}
        self.known_facts = {name: reader.known for name, reader in readers.deal.items()}

    def reader(self) -> Callable[[bytes], AnyEvent | None]:
        """Return what reads a plain line: the native core, with this behind it, or this alone."""
        is_many = max(len(self.issues), len(self.deal)) > _MOST_NAMES
        if line_reader is None or is_many or not all(map(str.isascii, (*self.issues, *self.deal))):
            return self.event
        natively: Callable[[bytes], AnyEvent | None] = line_reader(self.known_of_policy())
        slowly = self.event

        def read(line: bytes) -> AnyEvent | None:
            event = natively(line)
            return slowly(line) if event is None or event.deal == EVERY_DEAL else event

        return read

    def known_of_policy(self) -> tuple[object, ...]:
        """Return what the native core reads lines by, in its order."""
        issues, facts = (
            tuple((sys.intern(name), reader.known, reader.read) for name, reader in readers.items())
            for readers in (self.issues, self.deal)
        )
        return MAX_LINE, LONGEST_NAME, issues, facts, self.signals, self.opens, US, THEM, _KINDS

    def event(self, line: bytes) -> AnyEvent | None:
        """Decode a plain event of the commonest types; none where anything needs a closer look."""
        if len(line) > MAX_LINE:
            return None
        values: dict[str, Value] = {}
        try:
            raw = _PLAIN.decode(line)
            kind = raw.__class__
            if kind is _PlainOffer:
                values, keys = typed(raw.terms, self.known, self.issues), 6
            elif kind is _PlainOpen:
                values, keys = typed(raw.facts, self.known_facts, self.deal), 5
            elif kind is _PlainProbe:
                keys = _keys_of_probe(raw, line)
            else:
                keys = 6 if kind is _PlainSignal or (kind is _PlainAccept and raw.issues) else 5
            instant = self.instant(raw.at)
        except (msgspec.MsgspecError, ValueError, KeyError, OverflowError, RecursionError):
            return None
        name, deal, at, actor = raw.id, raw.deal, raw.at, raw.actor
        if deal == EVERY_DEAL or line.count(b'":') != len(values) + keys + bool(actor) or has_loose_keys(line):
            return None
        if not (f"{name}{deal}{actor}".isprintable() or all(map(is_written, (name, deal, actor)))):
            return None
        if isinstance(raw, _PlainOpen):
            if not self.opens:
                return None  # it does not say its currency
            return Open(id=name, deal=deal, at=at, instant=instant, actor=actor, facts=values)
        if isinstance(raw, _PlainProbe):
            return _probe(raw, instant)
        party = US if raw.by == "us" else THEM
        if isinstance(raw, _PlainOffer):
            if not values:
                return None
            return Offer(id=name, deal=deal, at=at, instant=instant, actor=actor, by=party, terms=values)
        return self.other(raw, party, instant)

    def other(self, raw: _PlainAccept | _PlainReject | _PlainSignal, party: Party, instant: int) -> AnyEvent | None:
        """Return an event without values; none where it names what the policy does not have."""
        head: dict[str, Any] = {
            "id": raw.id,
            "deal": raw.deal,
            "at": raw.at,
            "instant": instant,
            "actor": raw.actor,
            "by": party,
        }
        if isinstance(raw, _PlainReject):
            return Reject(**head)
        if isinstance(raw, _PlainSignal):
            return Signal(**head, kind=raw.kind) if raw.kind in self.signals else None
        issues = raw.issues
        if len(issues) > 1 and len(set(issues)) < len(issues):
            return None
        return Accept(**head, issues=tuple(issues)) if all(issue in self.issues for issue in issues) else None


def _keys_of_probe(raw: _PlainProbe, line: bytes) -> int:
    """Return how often `":` stands in the line of a probe none of whose keys stands twice: what was asked is JSON, too.

    Raises:
        ValueError: Where that cannot be counted.
    """
    if b"\\u" in line:
        raise ValueError("a quote may be written otherwise than it is read")
    return 7 + (raw.confirmed is not msgspec.UNSET) + bool(raw.permit) + raw.asked.count('":')


def _probe(raw: _PlainProbe, instant: int) -> AgentProbe | None:
    """Return a probe; none where its permit needs a closer look."""
    if raw.permit and not (raw.yes and is_written(raw.permit)):
        return None
    return AgentProbe(
        id=raw.id,
        deal=raw.deal,
        at=raw.at,
        instant=instant,
        actor=raw.actor,
        sure=raw.confirmed is True,
        asked=raw.asked,
        yes=raw.yes,
        cost=raw.cost,
        permit=raw.permit,
    )
