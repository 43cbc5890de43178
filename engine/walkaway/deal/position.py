# Over 400 lines: all records of what is remembered of a deal, each attribute explained.
"""All that is remembered of a deal, as records; laid aside as bytes and taken back. Knows no rules."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from operator import attrgetter
from typing import Any

import msgspec

from walkaway.deal.growing import Growing
from walkaway.deal.valuation import Valuation
from walkaway.events import (
    US,
    Alternative,
    AnyEvent,
    Approve,
    Door,
    Heard,
    Limits,
    On,
    Party,
    Terms,
)
from walkaway.language.empty import EMPTY
from walkaway.language.native import packer
from walkaway.language.values import Exact, Value
from walkaway.policy.exchange import Quote
from walkaway.policy.model import Policy


class Side(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What one party said, and what of it counts. Worths are in units of the deal's valuation.

    Ours counts what the policy let through, but for `settled` and what stands here before `offers`; theirs counts
    whatever they said (docs/calculus.md, said and cleared).

    Attributes:
        standing: Its terms as the other side last heard them, whole; the start terms before.
        other: Those among them that nobody declared.
        worth: What the declared ones are worth to us against the start terms.
        first: What it first said of each issue that it has named.
        packages: All that it left to choose from, whole, where there were several; `standing` is that of least worth.
        stated: The issues it has named, one bit each.
        stands: Whether the other side may still accept what it said.
        rejected: Whether the other side has rejected it, by saying so or by an offer that does not take it; so too
            where there is nothing to reject.
        said_at: Instant at which it last said something, and `said_by` the event that said it.
        until: The last instant at which that binds, in microseconds since 1970, UTC; none for no end.
        final: Whether it was said to be the last.
        net: Ours: what was cleared, against the start terms. Theirs: their last word against their first.
        last_give: Size of its latest concession.
        settled: The issues it has accepted.
        conceded_at: Instant of its latest concession.
    """

    standing: Mapping[str, Value]
    other: Mapping[str, str] = EMPTY
    worth: int = 0
    first: Mapping[str, Value] = EMPTY
    stated: int = 0
    stands: bool = False
    rejected: bool = True
    said_at: int | None = None
    said_by: str = ""
    until: int | None = None
    final: bool = False
    packages: tuple[Mapping[str, Value], ...] = ()
    offers: int = 0
    concessions: int = 0
    net: int = 0
    last_give: int = 0
    in_a_row: int = 0
    unreturned: int = 0
    flat: int = 0
    retracted: int = 0
    rejections: int = 0
    settled: int = 0
    conceded_at: int | None = None

    @property
    def settled_count(self) -> int:
        """Return how many issues it has accepted."""
        return self.settled.bit_count()

    def chosen(self, package: int) -> Mapping[str, Value]:
        """Return the terms that an acceptance takes: the package it numbers, from 1, of several; else what stands."""
        return self.packages[package - 1] if package else self.standing


class Mover(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Somebody who said terms of ours that were not let through, until terms no better for us are cleared.

    Attributes:
        name: As names are compared; empty where nobody is known.
    """

    name: str
    terms: Mapping[str, Value]
    other: Mapping[str, str] = EMPTY


class Approval(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An approval on record, and what the deal was when it was given.

    Attributes:
        name: Its approver, as names are compared; `approver` as written.
        then: All that was stated then: deal facts, limits, alternatives.
        digest: Of the approval and of what was stated, in hexadecimal.
        covers: What it covers, in one text: approvals of the same terms have the same.
    """

    id: str
    name: str
    approver: str
    role: str
    terms: Mapping[str, Value]
    other: Mapping[str, str]
    until: int | None
    override: tuple[str, ...]
    rules: tuple[str, ...]
    reason: str
    then: Mapping[str, Any]
    digest: str
    of: str = ""
    covers: str = ""


class Pending(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What an event asks for and the highest role has not allowed yet.

    Attributes:
        event: Which event asks for it.
        actor: Who asked, as names are compared; that person's approval does not count.
        limits: The limits that are to loosen, as facts.
        asked: What the deal is to bring of these from then on; `batna` and `alternatives` alike.
        void: The event that is to be folded out; empty where it is no void.
        reopens: Whether a closed door is to be opened.
    """

    event: str
    actor: str
    limits: tuple[str, ...] = ()
    asked: Mapping[str, Limits] = EMPTY
    batna: int | None = None
    alternatives: Mapping[str, Alternative] = EMPTY
    void: str = ""
    reopens: bool = False


class Stated(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """When a deal fact was last stated, and by whom; empty where nobody says."""

    at: int
    actor: str = ""


class KeptPromise(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """That they delivered what they promised of an issue.

    Attributes:
        event: The update that says so.
        due: The last day on which it was in time, as `Policy.day_at`; none where it was not owed yet.
    """

    at: int
    event: str
    due: int | None = None


class Asked(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What an agent asked, or the seal of it, and whether it was told yes."""

    asked: str
    yes: bool


class SpentBudget(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What the other deals of a key have taken of a budget.

    Attributes:
        taken: In smallest units of the policy's own currency, `Exact`.
        entry: The number of the entry for which it was summed: all before it in the log count; none without a log.
    """

    taken: Any
    entry: int | None = None


class PartyRecord(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What is known of the other side from its other deals, and from all others; kept by whoever follows them.

    Attributes:
        deals: How many there are; `open_deals` of these are open, `won` were won, and `walked` are those that we left.
        left_closed: Whether a door is closed for it.
        last: What its latest closed deal came to.
        closed_at: Instant at which that closed.
        reopened_at: Instant at which the highest role last opened a door again that was closed for it.
        asks: How many asks of agents were answered in them, as `AgentProbe.cost` counts.
        halted: Whether all offers of ours are stopped, to whomever.
        spent: What other deals have taken of each budget, where that is known.
    """

    deals: int = 0
    open_deals: int = 0
    won: int = 0
    walked: int = 0
    left_closed: bool = False
    last: Mapping[str, Value] = EMPTY
    closed_at: int | None = None
    reopened_at: int | None = None
    asks: int = 0
    halted: bool = False
    spent: Mapping[str, SpentBudget] = EMPTY


NOBODY = PartyRecord()
"""What is known of a party that has no other deal, or of whom nobody says who it is."""


class Earlier(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a deal goes on from: the deal that it follows, as it stood then.

    Attributes:
        party: The other side in it, by the name it has in every deal.
        terms: Its last terms: what was agreed where it was won, else what we last said.
        base, theirs: Their word and their half of the ledger, which go on; no half where it was won or lost.
        above: The same deal as the layers above judged it.
        currency: In which it is; empty for the policy's own.
    """

    party: str
    terms: Terms
    base: Terms = EMPTY
    theirs: Side | None = None
    above: "Earlier | None" = None
    currency: str = ""


def earlier_of(position: "Position") -> Earlier:
    """Return what a deal leaves to one that follows it now."""
    last, is_over = position.last_terms, position.outcome in ("won", "lost")
    above = None if position.above is None else earlier_of(position.above)
    if is_over or position.valuation is None:
        return Earlier(position.party, last, above=above, currency=position.currency)
    theirs = msgspec.structs.replace(
        position.theirs, stands=False, until=None, packages=(), said_at=None, conceded_at=None, said_by=""
    )
    return Earlier(position.party, last, position.base, theirs, above, position.currency)


def approval_of(position: "Position", event: Approve, name: str) -> Approval:
    """Return an approval as it is kept."""
    digest = hashlib.sha256(_SORTED.encode((event, position.fixed))).hexdigest()
    return Approval(
        event.id, name, event.approver, event.role, event.terms, dict(sorted(event.other.items())), event.until,
        event.override, event.rules, event.reason, position.known, digest, event.of,
        _SORTED.encode((event.terms, bool(event.of))).decode(),
    )  # fmt: skip


class Agreement(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Terms that one side said and the other took.

    Attributes:
        by: Who took them last, and `actor`, where it was somebody of ours.
        cleared: Whether they were let through when that was judged.
        event: The event by which they were taken.
        ended: How it ended: `replaced`, `rejected` or `withdrawn`; empty while it stands.
        ended_by: By whom.
    """

    terms: Mapping[str, Value]
    other: Mapping[str, str]
    by: Party
    actor: str
    cleared: bool
    event: str
    ended: str = ""
    ended_by: Party | None = None


Occurrences = Mapping[tuple[Any, ...], int]
"""Values that a pattern's first leg has had, with how often; the first seen first."""


class Position(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """All the engine remembers of a deal.

    Attributes:
        opened, last: Instants of its opening and of its latest event.
        known: The stated facts: deal facts, limits, BATNA, table cells; `Exact`, or none where they are unknown.
        facts, limits: What the deal itself brought, for when more of it comes.
        start: The terms before anybody has offered.
        occurrences: Of each pattern, what its first leg has been, `joined` its digest, `matches` how often both met.
        cleared: Our terms as the policy last let them through, whole, with `cleared_other` of them undeclared.
        run: What was cleared when they last offered, rejected, or took what was cleared.
        base: What they first said of each issue they have named.
        before: Their word before their latest offer, and `before_stated` the issues they had named by then.
        uncleared: How many offers and acceptances of ours were not let through.
        movers: Who said what was not let through, and has not been cleared since.
        agreement: What was agreed last, whether it stands or not.
        missing: What it still lacks, in words.
        left: The door we left by, if a walk was decided; `moved` where they have moved since.
        left_at: Since when: the first of the walks decided, if they have not moved between them.
        agreed: What was accepted last on each issue that either party has accepted.
        waiting: Offers made before worths could be computed; folded again once they can.
        fixed: Digest of what the deal's facts and limits decide.
        alternatives: What else we could do, by name, as far as it counts.
        stated: When each deal fact was last stated, and by whom.
        pending: What waits for the highest role's approval.
        dropped: The events that were voided, and the approvals revoked.
        party: The other side, by the name it has in every deal; `others` what is known of it from these.
        others_at: By event, its instant and what was known of it from then on, where that had changed.
        follows: The deal that this one follows, as it stood then, and `earlier` its last terms.
        reopened_at: Instant at which a closed door was opened again in it.
        probes: How many events asked for something and moved nothing: probes, requests, and answers that declined one.
        asks: How many asks of agents they count for, `round_asks` of these since the other side last moved.
        asked: What was asked since anything else happened, where it counted.
        halted: Of what stands for every deal: whether all offers of ours are stopped.
        unsent: Of each permitted word that was not said: how many asks it gives back once it is.
        above: The same deal as the layers above judge it.
        moved_at: Instant of the update that moved it to its policy; none where it opened under that one.
        currency: In which it is; empty for the policy's own.
        pinned: The rate at which the policy's amounts are converted; none where none is needed.
        latest: The rate that was published last, where rules look at it; `quotes` has by event, with its instant, what
            it was from then on, where that had changed.
        owed: Issue → the last day on which what they promised of it is delivered in time, while it is not; empty until
            the deal is won. `delivered` has what was.
        closed_at: Instant at which it closed.
    """

    deal: str
    opened: int
    last: int
    known: Mapping[str, Any]
    facts: Mapping[str, Value]
    limits: Mapping[str, Limits]
    start: Terms
    missing: tuple[str, ...]
    valuation: Valuation | None
    ours: Side
    theirs: Side
    cleared: Terms
    run: Terms
    cleared_other: Mapping[str, str] = EMPTY
    base: Terms = EMPTY
    before: Terms = EMPTY
    before_stated: int = 0
    uncleared: int = 0
    movers: tuple[Mover, ...] = ()
    agreement: Agreement | None = None
    signals: Mapping[str, int] = EMPTY
    approvals: tuple[Approval, ...] = ()
    left: Door | None = None
    left_at: int | None = None
    moved: bool = False
    agreed: Terms = EMPTY
    outcome: str = ""
    occurrences: Mapping[str, Occurrences] = EMPTY
    joined: Mapping[str, str] = EMPTY
    matches: Mapping[str, int] = EMPTY
    waiting: tuple[AnyEvent, ...] = ()
    fixed: str = ""
    moved_at: int | None = None
    alternatives: Mapping[str, Alternative] = EMPTY
    stated: Mapping[str, Stated] = EMPTY
    pending: tuple[Pending, ...] = ()
    dropped: tuple[str, ...] = ()
    party: str = ""
    others: PartyRecord = NOBODY
    others_at: Mapping[str, tuple[int, PartyRecord]] = EMPTY
    follows: Earlier | None = None
    earlier: Terms = EMPTY
    reopened_at: int | None = None
    probes: int = 0
    asks: int = 0
    round_asks: int = 0
    asked: tuple[Asked, ...] = ()
    unsent: Mapping[str, int] = EMPTY
    halted: bool = False
    above: "Position | None" = None
    currency: str = ""
    pinned: Quote | None = None
    latest: Quote | None = None
    quotes: Mapping[str, tuple[int, Quote]] = EMPTY
    owed: Mapping[str, int] = EMPTY
    delivered: Mapping[str, KeptPromise] = EMPTY
    closed_at: int | None = None

    @property
    def is_over(self) -> bool:
        """Return whether nothing follows any more: it is closed, and they owe nothing."""
        return bool(self.outcome) and not self.owed

    def quote_then(self, event: AnyEvent) -> Quote | None:
        """Return the rate that was published last at an event of the past; none where none was looked up."""
        if event.id in self.quotes:
            return self.quotes[event.id][1]
        known = [quote for at, quote in self.quotes.values() if at <= event.instant]
        return known[-1] if known else None

    def others_then(self, event: AnyEvent) -> PartyRecord | None:
        """Return what was known of the other side at an event of the past; none where nothing was."""
        if event.id in self.others_at:
            return self.others_at[event.id][1]
        known = [party for at, party in self.others_at.values() if at <= event.instant]
        return known[-1] if known else None

    def side(self, party: Party) -> Side:
        """Return a party's half of the ledger."""
        return self.ours if party is US else self.theirs

    @property
    def moved_by(self) -> frozenset[str]:
        """Return who said what was not let through, by name; an empty one is of somebody who is not known."""
        return _NAMES.of(self.movers)

    @property
    def approved_by(self) -> frozenset[str]:
        """Return who has approved something, by name."""
        return _APPROVERS.of(self.approvals)

    @property
    def has_lapsing(self) -> bool:
        """Return whether some approval ends by itself."""
        return _LAPSING.of(self.approvals)

    @property
    def last_terms(self) -> Terms:
        """Return what was agreed, where the deal was won; else what we last said."""
        agreement = self.agreement if self.outcome == "won" else None
        return self.ours.standing if agreement is None else agreement.terms

    def whole(self) -> tuple[Any, ...]:
        """Return what is hashed of every position: `_WHOLE`, with many movers as one."""
        if len(self.movers) <= _FEW:
            return _of_whole(self)
        *before, movers, agreed, left_at = _of_whole(self)
        return (*before, _MOVERS.of(movers), agreed, left_at)

    def digest(self) -> str:
        """Return the SHA-256 of the whole position, in hexadecimal."""
        if self.valuation is not None and len(self.movers) <= _FEW and (packed := _pack_plain(self)) is not None:
            return hashlib.sha256(packed).hexdigest()
        if self.valuation is None:
            data = _SORTED.encode((self.whole(), self.waiting))
        else:
            try:
                data = _HASHING.encode(self.whole())
            except OverflowError:  # a worth beyond 64 bits
                data = _SORTED.encode(self.whole())
        found = hashlib.sha256(data)
        if self.approvals:
            found.update(_APPROVALS.of(self.approvals))
        if self.pending or self.dropped:
            found.update(_SORTED.encode((self.pending, self.dropped)))
        if self.others_at or self.follows is not None or self.reopened_at is not None:
            others = {event: (at, _hashed(then)) for event, (at, then) in self.others_at.items()}
            found.update(_SORTED.encode((others, self.follows, self.reopened_at)))
        if self.probes:
            found.update(_SORTED.encode((self.probes, self.asks, self.round_asks, self.asked, self.unsent)))
        if self.halted:
            found.update(b"halted")
        if self.currency:
            found.update(_SORTED.encode((self.currency, self.pinned, self.quotes)))
        if self.owed or self.delivered:
            found.update(_SORTED.encode((self.owed, self.delivered)))
        if self.above is not None:
            found.update(self.above.digest().encode())
        return found.hexdigest()


def _hashed(known: PartyRecord) -> Any:
    """Return what was known as it is hashed: without budgets, where nothing was known of any."""
    return known if known.spent else msgspec.structs.astuple(known)[:-1]


def chained(before: str, values: tuple[Exact, ...]) -> str:
    """Return the SHA-256 of values behind all before them, in hexadecimal."""
    return hashlib.sha256(_SORTED.encode((before, values))).hexdigest()


def _with_mover(before: bytes, mover: Mover) -> bytes:
    return hashlib.sha256(before + _SORTED.encode(mover)).digest()


_FEW = 8
"""So many movers are hashed as they are; of more, each once, when they come."""
_MOVERS: Growing[Mover, bytes] = Growing(b"", _with_mover)
_NAMES: Growing[Mover, frozenset[str]] = Growing(frozenset(), lambda names, mover: names | {mover.name})
_APPROVALS: Growing[Approval, bytes] = Growing(
    b"", lambda all_, one: hashlib.sha256(all_ + one.digest.encode()).digest()
)
_APPROVERS: Growing[Approval, frozenset[str]] = Growing(frozenset(), lambda names, approval: names | {approval.name})
_LAPSING: Growing[Approval, bool] = Growing(False, lambda some, approval: some or approval.until is not None)


# Whole packages are in the policy's order once all is known; the terms of an event are in the order it was written in.
_HASHING = msgspec.msgpack.Encoder(enc_hook=str)


_WHOLE = (
    "fixed", "ours", "theirs", "cleared", "run", "base", "last", "signals", "left", "moved", "outcome", "uncleared",
    "before", "before_stated", "joined", "matches", "agreement", "cleared_other", "movers", "agreed", "left_at",
)  # fmt: skip
"""What is hashed of every position."""
_SELDOM = (
    "approvals", "pending", "dropped", "others_at", "follows", "reopened_at", "probes", "halted", "currency", "above",
)  # fmt: skip
"""What is hashed besides, where there is any of it."""
_of_whole: Callable[[Position], tuple[Any, ...]] = attrgetter(*_WHOLE)


def _packed_slowly(position: Position) -> bytes | None:
    """Leave it to msgspec, where there is no native core."""
    return None


_pack_plain = (packer(Position, _WHOLE, _SELDOM) if packer is not None else None) or _packed_slowly
"""Packs all that is hashed as msgspec does, by the native core; none where there is more, or it is left to msgspec."""

_SORTED = msgspec.json.Encoder(enc_hook=str, order="deterministic")
"""For what is hashed once or seldom: in what order rules name table cells, or an event its terms, must not count."""


def fixed_digest(
    deal: str, opened: int, known: Mapping[str, Exact | None], missing: tuple[str, ...], start: Terms, more: object
) -> str:
    """Return the SHA-256 of what stays the same from event to event, so that it is not hashed again each time."""
    return hashlib.sha256(_SORTED.encode((deal, opened, known, missing, start, more))).hexdigest()


class Move(msgspec.Struct, frozen=True, gc=False):
    """Terms put on the table or taken, and what they change: of ours against what was cleared, of theirs for them.

    Attributes:
        by: Who says them.
        terms: The whole package on the table with it.
        worth: Of that package to us against the start terms; none, like all worths, before they can be computed.
        gain, loss: Worth gained and lost for us, each 0 or more: by our terms against what was cleared, by theirs
            against what they last said of issues they have named before.
        gains, losses: On how many issues.
        back: Issues named before that move back in the maker's favour.
        stated: The issues it names, one bit each.
        first: Whether it is the maker's first.
        heard: What rules must listen to in order to hear it.
        agrees: Whether it takes what the other side said and still stands, by an acceptance or by the very same terms.
        new: The worth, over the start terms, of what they name for the first time.
        names: Whether they name an issue for the first time.
        other: Terms of the package that nobody declared.
        packages: All that may be chosen from, where there are several; `terms` is that of least worth.
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
    heard: Heard = On.OUR_OFFER
    agrees: bool = False
    new: int = 0
    names: bool = False
    other: Mapping[str, str] = EMPTY
    packages: tuple[Mapping[str, Value], ...] = ()


def bits_of(policy: Policy, issues: Iterable[str]) -> int:
    """Return one bit for each issue."""
    bits, found = policy.bits, 0
    for issue in issues:
        found |= bits[issue]
    return found


def _packed(amount: Any) -> msgspec.msgpack.Ext:
    """Pack what lies between two integers."""
    return msgspec.msgpack.Ext(_FRACTION, str(amount).encode())


def _unpacked(code: int, data: memoryview) -> int | Fraction:
    """Unpack it, or an integer that has more than 64 bits."""
    text = bytes(data).decode()
    return int(text) if code == _INTEGER else Fraction(text)


_FRACTION, _INTEGER = 1, 2
_WIDE = b"\xc1"
"""Begins a position with integers of more than 64 bits; MessagePack itself has no such byte."""
_PACKER = msgspec.msgpack.Encoder(enc_hook=_packed)
_UNPACKER = msgspec.msgpack.Decoder(Position, ext_hook=_unpacked)


def packed(position: Position) -> bytes:
    """Return a position as bytes, to be laid aside; `unpacked` gives an equal one, with the same digest."""
    try:
        return _PACKER.encode(position)
    except OverflowError:  # a worth beyond 64 bits
        plain = msgspec.to_builtins(position, builtin_types=(bytes,), enc_hook=lambda amount: str(amount).encode())
        return _WIDE + _PACKER.encode(_narrowed(plain))


def _narrowed(thing: Any) -> Any:
    """Return builtin objects, fractions among them as bytes, with a text in place of each integer that is too long."""
    match thing:
        case int() if thing.bit_length() > _BITS:
            return msgspec.msgpack.Ext(_INTEGER, str(thing).encode())
        case bytes():
            return msgspec.msgpack.Ext(_FRACTION, thing)
        case dict():
            return {key: _narrowed(value) for key, value in thing.items()}
        case list() | tuple():
            return [_narrowed(value) for value in thing]
        case _:
            return thing


_BITS = 63


def unpacked(data: bytes) -> Position:
    """Return a position that was laid aside.

    Raises:
        ValueError: Where it was laid aside by a release that remembered something else, or is none.
    """
    if data[:1] != _WIDE:
        return _UNPACKER.decode(data)
    return msgspec.convert(msgspec.msgpack.decode(data[1:], ext_hook=_unpacked), Position)
