"""All that is remembered of a deal, as records; laid aside as bytes and taken back. Knows no rules."""

import hashlib
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

import msgspec

from walkaway.deal.valuation import Valuation
from walkaway.events import (
    US,
    AnyEvent,
    Approve,
    Door,
    Limits,
    Party,
    Terms,
)
from walkaway.language.values import Exact, Value
from walkaway.policy.model import Policy


class Side(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """One party's half of the ledger. Worths are in units of the deal's valuation.

    Attributes:
        standing: Its standing terms; the start terms before its first offer.
        worth: What these are worth to us against the start terms.
        net: Ours: asked less given. Theirs: the sum of their moves.
        stated: The issues it has named, one bit each; `settled` those it has accepted.
        offered_at: Instant of its latest offer; `conceded_at` of its latest concession.
    """

    standing: Mapping[str, Value]
    worth: int = 0
    offers: int = 0
    concessions: int = 0
    net: int = 0
    last_give: int = 0
    in_a_row: int = 0
    unreturned: int = 0
    flat: int = 0
    retracted: int = 0
    rejections: int = 0
    stated: int = 0
    settled: int = 0
    offered_at: int | None = None
    conceded_at: int | None = None

    @property
    def settled_count(self) -> int:
        """Return how many issues it has accepted."""
        return self.settled.bit_count()


Occurrences = tuple[tuple[tuple[Any, ...], int], ...]
"""Values that a pattern's first leg has had, with how often; the first seen first."""


class Position(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """All the engine remembers of a deal.

    Attributes:
        opened, last: Instants of its opening and of its latest event.
        known: The stated facts: deal facts, limits, BATNA, table cells; `Exact`, or none where they are unknown.
        facts, limits, batna, opening: What the deal itself brought, for when more of it comes.
        start: The terms before anybody has offered: the policy's, and our opening position over them.
        missing: What it still lacks, in words.
        left: The door we left by, if a walk was decided; `moved` where they have moved since.
        left_at: Since when: the first of the walks decided, if they have not moved between them.
        agreed: What was accepted last on each issue that either party has accepted.
        waiting: Offers made before worths could be computed; folded again once they can.
        fixed: Digest of what the deal's facts and limits decide.
        moved_at: Instant of the update that moved it to its policy; none where it opened under that one.
    """

    deal: str
    opened: int
    last: int
    known: Mapping[str, Any]
    facts: Mapping[str, Value]
    limits: Mapping[str, Limits]
    batna: int | None
    opening: Terms
    start: Terms
    missing: tuple[str, ...]
    valuation: Valuation | None
    ours: Side
    theirs: Side
    signals: Mapping[str, int]
    approvals: tuple[Approve, ...] = ()
    left: Door | None = None
    left_at: int | None = None
    moved: bool = False
    agreed: Terms = {}
    outcome: str = ""
    occurrences: Mapping[str, Occurrences] = {}
    matches: Mapping[str, int] = {}
    waiting: tuple[AnyEvent, ...] = ()
    fixed: str = ""
    moved_at: int | None = None

    def side(self, party: Party) -> Side:
        """Return a party's half of the ledger."""
        return self.ours if party is US else self.theirs

    def digest(self) -> str:
        """Return the SHA-256 of the whole position, in hexadecimal."""
        rest = (self.last, self.signals, self.left, self.moved, self.outcome)
        encoder = _ENCODER if self.valuation is not None else _SORTED
        found = hashlib.sha256(encoder.encode((self.fixed, self.ours, self.theirs, rest)))
        if self.approvals or self.occurrences or self.waiting:
            found.update(_SORTED.encode((self.approvals, self.occurrences, self.matches, self.waiting)))
        if self.agreed or self.left_at is not None:
            found.update(_SORTED.encode((self.agreed, self.left_at)))
        return found.hexdigest()


# Standing terms are in the policy's order once all are known; the terms of an event are in the order it was written in.
_ENCODER = msgspec.json.Encoder(enc_hook=str)


_SORTED = msgspec.json.Encoder(enc_hook=str, order="deterministic")
"""For what is hashed once or seldom: in what order rules name table cells, or an event its terms, must not count."""


def fixed_digest(
    deal: str, opened: int, known: Mapping[str, Exact | None], missing: tuple[str, ...], start: Terms
) -> str:
    """Return the SHA-256 of what stays the same from event to event, so that it is not hashed again each time."""
    return hashlib.sha256(_SORTED.encode((deal, opened, known, missing, start))).hexdigest()


class Move(msgspec.Struct, frozen=True, gc=False):
    """What an offer, or an acceptance, changes for its maker.

    Attributes:
        terms: The whole package on the table with it.
        worth: Of that package to us against the start terms; none, like all worths, before they can be computed.
        gain, loss: Worth gained and lost for us, each 0 or more, against the maker's standing terms.
        gains, losses: On how many issues.
        back: Issues named before that move back in the maker's favour.
        stated: The issues it names, one bit each.
        first: Whether it is the maker's first.
    """

    by: Party
    terms: Mapping[str, Value]
    worth: int | None
    gain: int
    loss: int
    gains: int
    losses: int
    back: int
    stated: int
    first: bool


def bits_of(policy: Policy, issues: Iterable[str]) -> int:
    """Return one bit for each issue."""
    bits, found = policy.bits, 0
    for issue in issues:
        found |= bits[issue]
    return found


def _packed(amount: Any) -> msgspec.msgpack.Ext:
    """Pack what lies between two integers."""
    return msgspec.msgpack.Ext(_FRACTION, str(amount).encode())


def _unpacked(code: int, data: memoryview) -> Fraction:
    """Unpack it."""
    return Fraction(bytes(data).decode())


_FRACTION = 1
_PACKER = msgspec.msgpack.Encoder(enc_hook=_packed)
_UNPACKER = msgspec.msgpack.Decoder(Position, ext_hook=_unpacked)


def packed(position: Position) -> bytes:
    """Return a position as bytes, to be laid aside; `unpacked` gives an equal one, with the same digest."""
    return _PACKER.encode(position)


def unpacked(data: bytes) -> Position:
    """Return a position that was laid aside.

    Raises:
        ValueError: Where it was laid aside by a release that remembered something else, or is none.
    """
    return _UNPACKER.decode(data)
